from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from anomaly_detection.api import DetectorConfiguration, FittedModel, restored_configuration
from core.application.files import TenantFiles
from core.application.jobs import JobControl
from core.domain.actor import Actor
from core.domain.errors import Invalid, Unwritable
from data_platform.api import DatasetReader, DatasetVersionId, OpenedVersion
from machine_learning.application.evaluate_model import EvaluateModel
from machine_learning.application.registry.ports import RegistryTransaction
from machine_learning.application.registry.register_version import Candidate, RegisterVersion
from machine_learning.application.registry.stored_models import nameless
from machine_learning.application.train_model import TrainModel
from machine_learning.domain.registry.ids import TrainingRunId
from machine_learning.domain.registry.version import ModelVersion, VersionState


@dataclass(frozen=True, slots=True)
class CarryOutTraining:
    """The job behind a training run."""

    uow: RegistryTransaction
    train: TrainModel
    evaluate: EvaluateModel
    register: RegisterVersion
    files: TenantFiles
    datasets: DatasetReader

    def __call__(self, actor: Actor, run_id: TrainingRunId, control: JobControl) -> ModelVersion:
        """Raises TrainingRunNotFound, DatasetNotFound, LostClaim, and what ``TrainModel`` raises."""
        with self.uow(actor) as uow:
            run, made = uow.run(run_id), uow.version_from(run_id)
        if made is not None:
            return made
        configuration = restored_configuration(run.configuration)
        opened = self.datasets.version(actor.tenant_id, DatasetVersionId(run.dataset_version_id))  # type: ignore[arg-type]  # None for imports only
        control.progress(0.05, f"learning from {opened.rows:,} rows")
        with self.files.staging(".model") as staged:
            try:
                fitted = self.train(opened.table, configuration, path=staged)
            except Unwritable as error:
                raise Unwritable(nameless(error, staged), fix="Its operator must make room.") from error
            control.progress(0.8, "measuring")
            metrics = self._metrics(opened, fitted, configuration)
            control.progress(0.95, "storing")
            candidate = Candidate(fitted=fitted, staged=staged, state=VersionState.READY, metrics=metrics)
            return self.register(actor, run, candidate)

    def _metrics(
        self, opened: OpenedVersion, fitted: FittedModel, configuration: DetectorConfiguration
    ) -> Mapping[str, Any] | None:
        """How it does on the labels of its own training rows, which it did not see; None without usable labels."""
        label = configuration.columns.label
        try:
            evaluation, column = self.evaluate(opened.table, fitted, label=label, seed=configuration.seed)
        except Invalid:
            return None
        return {
            "dataset": opened.slug,
            "number": opened.number,
            "label": column.name,
            "on": "training rows",
        } | asdict(evaluation)
