"""A version measured on a labelled dataset, as a job."""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime

from core.application.jobs import JobControl
from core.application.quota import Quota
from core.domain.actor import Actor
from core.domain.ids import new_id
from data_platform.api import DatasetReader
from machine_learning.application.evaluate_model import EvaluateModel, NoLabelColumn
from machine_learning.application.registry.ports import RegistryTransaction
from machine_learning.application.registry.stored_models import StoredModels
from machine_learning.domain.registry.ids import EvaluationId
from machine_learning.domain.registry.training import StoredEvaluation

EVALUATE = "model.evaluate"
SEED = 0  # of the bootstrap: the same rows give the same intervals


@dataclass(frozen=True, slots=True)
class StartEvaluation:
    uow: RegistryTransaction
    datasets: DatasetReader
    clock: Callable[[], datetime]

    def __call__(
        self, actor: Actor, reference: str, *, number: int, dataset: str, label: str | None
    ) -> StoredEvaluation:
        """Raises ModelNotFound, VersionNotFound, NotServable (in quarantine or archived), DatasetNotFound,
        ColumnNotInDataset, RolesOutdated, ConflictingRoles."""
        opened = self.datasets.latest(actor.tenant_id, dataset)
        choices = opened.choices_with({} if label is None else {"label": label})
        with self.uow(actor) as uow:
            version = uow.version(uow.model(reference), number)
            version.require_servable()
            evaluation_id = EvaluationId(new_id())
            uow.charge(Quota.CONCURRENT_JOBS, 1)
            evaluation = StoredEvaluation(
                id=evaluation_id,
                tenant_id=actor.tenant_id,
                version_id=version.id,
                dataset=opened.slug,
                dataset_version_id=opened.version_id,
                label=choices.label,
                job_id=uow.enqueue(EVALUATE, {"evaluation_id": str(evaluation_id)}, subject_id=evaluation_id),
                user_id=actor.user_id,
                key_id=actor.key_id,
                created_at=self.clock(),
            )
            uow.add(evaluation)
            uow.audit("evaluation.started", evaluation_id, after={"version": str(version.id)})
            uow.commit()
        return evaluation


@dataclass(frozen=True, slots=True)
class CarryOutEvaluation:
    """The job behind an evaluation."""

    uow: RegistryTransaction
    evaluate: EvaluateModel
    stored: StoredModels
    datasets: DatasetReader

    def __call__(self, actor: Actor, evaluation_id: EvaluationId, control: JobControl) -> None:
        """Raises EvaluationNotFound, DatasetNotFound, ModelFileLost, LostClaim, and what ``EvaluateModel`` raises."""
        with self.uow(actor) as uow:
            asked = uow.evaluation(evaluation_id)
            version = uow.version_of(asked.version_id)
        if asked.document is not None:
            return
        fitted = self.stored.load(actor.tenant_id, version.file, sha256=version.sha256)
        opened = self.datasets.version(actor.tenant_id, asked.dataset_version_id)
        control.progress(0.1, f"scoring {opened.rows:,} rows")
        try:
            found, column, curve = self.evaluate.with_curve(
                opened.table, fitted, label=asked.label, seed=SEED
            )
        except NoLabelColumn as error:
            raise NoLabelColumn(error.detail, fix="Name it in the field label.") from error
        metrics = {"dataset": opened.slug, "number": opened.number, "label": column.name} | asdict(found)
        with self.uow(actor) as uow:
            uow.version_of(asked.version_id).metrics = metrics
            uow.evaluation(evaluation_id).document = metrics | {"curve": asdict(curve)}
            uow.audit("evaluation.finished", evaluation_id, after={"version": str(asked.version_id)})
            uow.commit()
