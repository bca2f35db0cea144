"""A version measured on a labelled dataset, as a job."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from core.application.jobs import JobControl
from core.application.quota import Quota
from core.domain.actor import Actor
from core.domain.ids import new_id
from data_platform.api import DatasetReader
from machine_learning.application.evaluate_model import EvaluateModel, LabelFinder, found_label
from machine_learning.application.registry.ports import RegistryTransaction
from machine_learning.application.registry.stored_models import StoredModels, at_alert_rate
from machine_learning.domain.recut import metrics_at
from machine_learning.domain.registry.ids import EvaluationId
from machine_learning.domain.registry.training import StoredEvaluation

EVALUATE = "model.evaluate"
SEED = 0  # of the bootstrap: the same rows give the same intervals


@dataclass(frozen=True, slots=True)
class StartEvaluation:
    uow: RegistryTransaction
    datasets: DatasetReader
    label_column: LabelFinder
    clock: Callable[[], datetime]

    def __call__(
        self, actor: Actor, reference: str, *, number: int, dataset: str, label: str | None
    ) -> StoredEvaluation:
        """Raises ModelNotFound, VersionNotFound, NotServable (in quarantine or archived), DatasetNotFound,
        ColumnNotInDataset, RolesOutdated, ConflictingRoles, NoLabelColumn, InvalidLabel."""
        opened = self.datasets.latest(actor.tenant_id, dataset)
        choices = opened.choices_with({} if label is None else {"label": label})
        found_label(self.label_column, opened.table, choices.label)
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
        fitted = at_alert_rate(fitted, version.moved_alert_rate)
        opened = self.datasets.version(actor.tenant_id, asked.dataset_version_id)
        control.progress(0.1, f"scoring {opened.rows:,} rows")
        measured = self.evaluate.measured(opened.table, fitted, label=asked.label, seed=SEED)
        document = {"dataset": opened.slug, "number": opened.number} | measured.document
        with self.uow(actor) as uow:
            version = uow.version_of(asked.version_id)
            evaluation = uow.evaluation(evaluation_id)
            evaluation.document, evaluation.cuts = document, measured.cuts.packed
            if uow.latest_evaluation(version) is evaluation:
                # Its threshold may have moved meanwhile.
                version.metrics = metrics_at(document, measured.cuts, version.alert_rate)
            uow.audit("evaluation.finished", evaluation_id, after={"version": str(asked.version_id)})
            uow.commit()
