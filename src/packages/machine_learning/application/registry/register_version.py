from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from anomaly_detection.api import FittedModel, decision_values, model_summary
from core.application.files import FileKind, TenantFiles
from core.application.quota import Quota
from core.domain.actor import Actor
from core.domain.errors import DomainError
from core.domain.ids import new_id
from machine_learning.application.registry.ports import AliasMove, RegistryTransaction, RegistryUnitOfWork
from machine_learning.application.registry.stored_models import digest
from machine_learning.domain.registry.ids import EvaluationId, ModelVersionId
from machine_learning.domain.registry.model import CHAMPION, Model
from machine_learning.domain.registry.training import StoredEvaluation, TrainingRun
from machine_learning.domain.registry.version import ModelVersion, VersionState


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A fitted model in its file, about to become a version; measured where its training rows had labels."""

    fitted: FittedModel
    staged: Path
    state: VersionState
    metrics: Mapping[str, Any] | None = None
    document: Mapping[str, Any] | None = None  # of the evaluation
    cuts: bytes | None = None  # of the evaluation
    fit_seconds: float | None = None  # None: it was fitted elsewhere


@dataclass(frozen=True, slots=True)
class RegisterVersion:
    """Make the one version a training run leads to: the first caller's, however many workers finish it."""

    uow: RegistryTransaction
    files: TenantFiles
    clock: Callable[[], datetime]
    code_version: str

    def __call__(self, actor: Actor, run: TrainingRun, candidate: Candidate) -> ModelVersion:
        """Raises ModelNotFound where the model was deleted meanwhile, QuotaExceeded for a first version, LostClaim."""
        version = self._version(run, candidate)
        self.files.keep(actor.tenant_id, FileKind.MODELS, version.file, candidate.staged)
        try:
            with self.uow(actor) as uow:
                model = uow.model_of(run.model_id)
                made = uow.version_from(run.id)
                if made is None:
                    self._add(uow, model, version)
                    if candidate.document is not None:
                        uow.add(_evaluation(run, version, candidate.document, candidate.cuts))
                    uow.commit()
        except (
            DomainError
        ):  # nothing was stored; after any other error that is not known, and the file is swept
            self.files.delete(actor.tenant_id, FileKind.MODELS, version.file)
            raise
        if made is not None:
            self.files.delete(actor.tenant_id, FileKind.MODELS, version.file)
        return made or version

    def _add(self, uow: RegistryUnitOfWork, model: Model, version: ModelVersion) -> None:
        version.number = model.next_number()
        if version.number == 1:
            uow.charge(Quota.MODELS, 1)
        uow.add(version)
        if version.number == 1 and version.state is VersionState.READY:
            model.point(CHAMPION, version)
            uow.record_move(
                AliasMove(
                    model_id=model.id,
                    alias=CHAMPION,
                    before=None,
                    after=1,
                    reason="first_version",
                    user_id=version.user_id,
                    key_id=version.key_id,
                    at=version.created_at,
                )
            )
        uow.audit(
            "model_version.created",
            version.id,
            after={
                "model": model.slug,
                "number": version.number,
                "state": version.state.value,
                "sha256": version.sha256,
            },
        )

    def _version(self, run: TrainingRun, candidate: Candidate) -> ModelVersion:
        fitted = candidate.fitted
        return ModelVersion(
            id=ModelVersionId(new_id()),
            tenant_id=run.tenant_id,
            model_id=run.model_id,
            number=0,
            state=candidate.state,
            training_run_id=run.id,
            dataset_version_id=run.dataset_version_id,
            algorithm=fitted.algorithm.name,
            summary=model_summary(fitted) | _timing(candidate),
            decisions=[decision_values(made) for made in fitted.preprocessor.decisions],
            metrics=candidate.metrics,
            code_version=self.code_version,
            sha256=digest(candidate.staged),
            size=candidate.staged.stat().st_size,
            user_id=run.user_id,
            key_id=run.key_id,
            created_at=self.clock(),
        )


def _timing(candidate: Candidate) -> dict[str, float]:
    return {} if candidate.fit_seconds is None else {"fit_seconds": round(candidate.fit_seconds, 2)}


def _evaluation(
    run: TrainingRun, version: ModelVersion, document: Mapping[str, Any], cuts: bytes | None
) -> StoredEvaluation:
    """On the labels of the training rows; the training's job is what made it. Raises TypeError for an import."""
    if run.dataset is None or run.dataset_version_id is None:
        raise TypeError("an imported model has no training rows here")
    return StoredEvaluation(
        id=EvaluationId(new_id()),
        tenant_id=run.tenant_id,
        version_id=version.id,
        dataset=run.dataset,
        dataset_version_id=run.dataset_version_id,
        label=str(document["label"]),
        document=document,
        cuts=cuts,
        job_id=run.job_id,
        user_id=run.user_id,
        key_id=run.key_id,
        created_at=version.created_at,
    )
