"""Puts the service's part of the context together: all that works on a database."""

from functools import partial
from importlib.metadata import version
from time import monotonic, perf_counter

from anomaly_detection.api import AnomalyDetection
from core.application.files import TenantFiles
from core.infrastructure.sql import Storage
from data_platform.api import DatasetReader, find_label
from machine_learning.api import (
    EvaluateModel,
    ModelRegistry,
    TrainModel,
)
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
from machine_learning.application.registry.register_version import RegisterVersion
from machine_learning.application.registry.start_training import StartTraining
from machine_learning.application.registry.stored_models import StoredModels
from machine_learning.infrastructure.registry.file_check import check_files
from machine_learning.infrastructure.registry.job_queries import SqlEvaluationQueries, SqlRunQueries
from machine_learning.infrastructure.registry.precisions import champion_precisions
from machine_learning.infrastructure.registry.queries import SqlModelQueries
from machine_learning.infrastructure.registry.serving import CachedModels
from machine_learning.infrastructure.registry.sql import SqlRegistryUnitOfWork
from machine_learning.infrastructure.registry.sweep import SweepModelFiles


def build_service(
    detection: AnomalyDetection, datasets: DatasetReader, *, storage: Storage, files: TenantFiles
) -> ModelRegistry:
    """The registry of all tenants' models."""
    uow = partial(SqlRegistryUnitOfWork, storage)
    clock, database = storage.clock, storage.database
    stored = StoredModels(files, detection.models)
    register = RegisterVersion(uow, files, clock, version("anomaly_detection"))
    evaluate = EvaluateModel(find_label)
    train = TrainModel(detection.fit, detection.models)
    return ModelRegistry(
        catalogue=detection.catalogue,
        models=SqlModelQueries(database),
        runs=SqlRunQueries(database),
        evaluations=SqlEvaluationQueries(database),
        stored=stored,
        detectors=CachedModels(database, stored, monotonic),
        start_training=StartTraining(
            uow, detection.catalogue, detection.models, files, datasets, find_label, clock
        ),
        carry_out_training=CarryOutTraining(uow, train, evaluate, register, files, datasets, perf_counter),
        start_import=StartImport(uow, detection.models, files, clock),
        check_import=CheckImport(uow, detection.models, register, files),
        start_evaluation=StartEvaluation(uow, datasets, find_label, clock),
        carry_out_evaluation=CarryOutEvaluation(uow, evaluate, stored, datasets),
        describe=DescribeModel(uow),
        delete_model=DeleteModel(uow, files),
        delete_version=DeleteVersion(uow, files),
        archive_version=ArchiveVersion(uow),
        accept_version=AcceptVersion(uow),
        point_alias=PointAlias(uow, clock),
        remove_alias=RemoveAlias(uow, clock),
        roll_back=RollBack(uow, clock),
        move_threshold=MoveThreshold(uow, clock),
        sweep_files=SweepModelFiles(database, files, clock),
        check_files=partial(check_files, database, files),
        precisions=partial(champion_precisions, database),
    )
