from collections.abc import Callable
from dataclasses import dataclass, replace

from anomaly_detection.api import DetectorConfiguration, restored_configuration
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
    stopwatch: Callable[[], float]  # seconds, from any start

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
            start = self.stopwatch()
            try:
                fitted = self.train(opened.table, configuration, path=staged)
            except Unwritable as error:
                raise Unwritable(nameless(error, staged), fix="Its operator must make room.") from error
            candidate = Candidate(
                fitted=fitted,
                staged=staged,
                state=VersionState.READY,
                fit_seconds=self.stopwatch() - start,
            )
            control.progress(0.8, "measuring")
            candidate = self._measured(candidate, opened, configuration)
            control.progress(0.95, "storing")
            return self.register(actor, run, candidate)

    def _measured(
        self, candidate: Candidate, opened: OpenedVersion, configuration: DetectorConfiguration
    ) -> Candidate:
        """With how it does on the labels of its own training rows, which it did not see; as it is without usable labels."""
        label = configuration.columns.label
        try:
            measured = self.evaluate.measured(
                opened.table, candidate.fitted, label=label, seed=configuration.seed
            )
        except Invalid:
            return candidate
        on = {"dataset": opened.slug, "number": opened.number, "on": "training rows"}
        return replace(
            candidate,
            metrics=on | measured.metrics,
            document=on | measured.document,
            cuts=measured.cuts.packed,
        )
