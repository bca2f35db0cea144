"""Puts together what works on one person's files: without a database, whose libraries are slow to import."""

from time import perf_counter

from anomaly_detection.api import AnomalyDetection
from data_platform.api import find_label
from machine_learning.api import CompareAlgorithms, EvaluateModel, MachineLearning, TrainModel
from machine_learning.infrastructure.curve_plot import MatplotlibPlots


def build(detection: AnomalyDetection) -> MachineLearning:
    """The context on top of ``detection``, for one person's files."""
    return MachineLearning(
        train=TrainModel(detection.fit, detection.models),
        evaluate=EvaluateModel(find_label),
        compare=CompareAlgorithms(detection.fit, find_label, perf_counter),
        plots=MatplotlibPlots(),
    )
