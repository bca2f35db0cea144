"""What the contexts above may use of machine_learning."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from anomaly_detection.api import Catalogue
from core.domain.ids import TenantId
from machine_learning.application.compare_algorithms import CompareAlgorithms, Compared, Curve
from machine_learning.application.evaluate_model import EvaluateModel
from machine_learning.application.ports import Plots
from machine_learning.application.registry.carry_out_training import CarryOutTraining
from machine_learning.application.registry.change_model import (
    AcceptVersion,
    ArchiveVersion,
    DeleteModel,
    DeleteVersion,
    DescribeModel,
)
from machine_learning.application.registry.evaluate_version import CarryOutEvaluation, StartEvaluation
from machine_learning.application.registry.import_model import CheckImport, StartImport
from machine_learning.application.registry.move_alias import PointAlias, RemoveAlias, RollBack
from machine_learning.application.registry.move_threshold import MoveThreshold
from machine_learning.application.registry.ports import ModelView, VersionView
from machine_learning.application.registry.queries import (
    EvaluationQueries,
    ModelPrecision,
    ModelQueries,
    RunQueries,
    ServingCache,
)
from machine_learning.application.registry.start_training import StartTraining
from machine_learning.application.registry.stored_models import StoredModels
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
    "ModelRegistry",
    "ModelView",
    "ServingCache",
    "TrainModel",
    "VersionView",
]


@dataclass(frozen=True, slots=True)
class MachineLearning:
    """The context's use cases, wired."""

    train: TrainModel
    evaluate: EvaluateModel
    compare: CompareAlgorithms
    plots: Plots


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelRegistry:
    """Models of tenants: use cases, reads, and the loaded models that others score with."""

    catalogue: Catalogue
    models: ModelQueries
    runs: RunQueries
    evaluations: EvaluationQueries
    stored: StoredModels
    detectors: ServingCache
    start_training: StartTraining
    carry_out_training: CarryOutTraining
    start_import: StartImport
    check_import: CheckImport
    start_evaluation: StartEvaluation
    carry_out_evaluation: CarryOutEvaluation
    describe: DescribeModel
    delete_model: DeleteModel
    delete_version: DeleteVersion
    archive_version: ArchiveVersion
    accept_version: AcceptVersion
    point_alias: PointAlias
    remove_alias: RemoveAlias
    roll_back: RollBack
    move_threshold: MoveThreshold
    sweep_files: Callable[[TenantId], int]
    check_files: Callable[[], None]
    precisions: Callable[[], Iterator[ModelPrecision]]
