"""What the contexts above may use of machine_learning."""

from dataclasses import dataclass

from machine_learning.application.compare_algorithms import CompareAlgorithms, Compared, Curve
from machine_learning.application.evaluate_model import EvaluateModel
from machine_learning.application.ports import Plots
from machine_learning.application.train_model import TrainModel
from machine_learning.domain.evaluation import Confusion, Estimate, Evaluation

__all__ = [
    "CompareAlgorithms",
    "Compared",
    "Confusion",
    "Curve",
    "Estimate",
    "EvaluateModel",
    "Evaluation",
    "MachineLearning",
    "TrainModel",
]


@dataclass(frozen=True, slots=True)
class MachineLearning:
    """The context's use cases, wired."""

    train: TrainModel
    evaluate: EvaluateModel
    compare: CompareAlgorithms
    plots: Plots
