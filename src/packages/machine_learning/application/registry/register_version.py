from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from anomaly_detection.api import FittedModel, decision_values, model_summary
from core.application.files import FileKind, TenantFiles
from core.domain.actor import Actor
from core.domain.errors import DomainError
from core.domain.ids import new_id
from machine_learning.application.registry.ports import AliasMove, RegistryTransaction, RegistryUnitOfWork
from machine_learning.application.registry.stored_models import digest
from machine_learning.domain.registry.ids import ModelVersionId
from machine_learning.domain.registry.model import CHAMPION, Model
from machine_learning.domain.registry.training import TrainingRun
from machine_learning.domain.registry.version import ModelVersion, VersionState


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A fitted model in its file, about to become a version."""

    fitted: FittedModel
    staged: Path
    state: VersionState
    metrics: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class RegisterVersion:
    """Make the one version a training run leads to: the first caller's, however many workers finish it."""

    uow: RegistryTransaction
    files: TenantFiles
    clock: Callable[[], datetime]
    code_version: str

    def __call__(self, actor: Actor, run: TrainingRun, candidate: Candidate) -> ModelVersion:
        """Raises ModelNotFound where the model was deleted meanwhile, LostClaim."""
        version = self._version(run, candidate)
        self.files.keep(actor.tenant_id, FileKind.MODELS, version.file, candidate.staged)
        try:
            with self.uow(actor) as uow:
                model = uow.model_of(run.model_id)
                made = uow.version_from(run.id)
                if made is None:
                    self._add(uow, model, version)
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
            summary=model_summary(fitted),
            decisions=[decision_values(made) for made in fitted.preprocessor.decisions],
            metrics=candidate.metrics,
            code_version=self.code_version,
            sha256=digest(candidate.staged),
            size=candidate.staged.stat().st_size,
            user_id=run.user_id,
            key_id=run.key_id,
            created_at=self.clock(),
        )
