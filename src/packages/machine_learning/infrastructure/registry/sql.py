"""Changes of the registry. Every change of a model's versions or aliases locks the model first."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any, TypeVar

from sqlalchemy import Select, insert, select
from sqlalchemy.exc import IntegrityError

from core.domain.ids import new_id
from core.infrastructure.sql import Duplicate, Owned, SqlUnitOfWork, is_duplicate
from machine_learning.application.registry.ports import AliasMove, ThresholdMove
from machine_learning.domain.registry.ids import EvaluationId, ModelId, ModelVersionId, TrainingRunId
from machine_learning.domain.registry.model import Model, no_model
from machine_learning.domain.registry.reference import ModelReference
from machine_learning.domain.registry.training import (
    EvaluationNotFound,
    StoredEvaluation,
    TrainingRun,
    TrainingRunNotFound,
)
from machine_learning.domain.registry.version import ModelVersion, VersionNotFound
from machine_learning.infrastructure.registry.tables import (
    evaluations,
    models,
    moves,
    runs,
    threshold_moves,
    versions,
)

A = TypeVar("A", bound=Owned)
MOST_AWAITED = 20  # evaluations that are not done, or failed, before one that is


class SqlRegistryUnitOfWork(SqlUnitOfWork):
    """``application.registry.ports.RegistryUnitOfWork``."""

    def model(self, reference: str) -> Model:
        model = self._locked(select(Model).where(named(ModelReference.of(reference))))
        if model is None:
            raise no_model(reference)
        return model

    def model_of(self, model_id: ModelId) -> Model:
        model = self._locked(select(Model).where(models.c.id == model_id))
        if model is None:
            raise no_model("")
        return model

    def model_called(self, slug: str) -> Model | None:
        return self._locked(select(Model).where(models.c.slug == slug))

    def version(self, model: Model, number: int) -> ModelVersion:
        wanted = select(ModelVersion).where(versions.c.model_id == model.id, versions.c.number == number)
        version = self._locked(wanted)
        if version is None:
            raise no_version(model.slug, number)
        return version

    def version_of(self, version_id: ModelVersionId) -> ModelVersion:
        version = self._locked(select(ModelVersion).where(versions.c.id == version_id))
        if version is None:
            raise VersionNotFound("It was deleted.")
        return version

    def versions(self, model: Model) -> Sequence[ModelVersion]:
        return self.session.scalars(
            self.mine(select(ModelVersion).where(versions.c.model_id == model.id))
        ).all()

    def version_from(self, run_id: TrainingRunId) -> ModelVersion | None:
        return self.one(select(ModelVersion).where(versions.c.training_run_id == run_id))

    def run(self, run_id: TrainingRunId) -> TrainingRun:
        run = self.one(select(TrainingRun).where(runs.c.id == run_id))
        if run is None:
            raise TrainingRunNotFound("It was deleted with its model, or never was.")
        return run

    def evaluation(self, evaluation_id: EvaluationId) -> StoredEvaluation:
        found = self.one(select(StoredEvaluation).where(evaluations.c.id == evaluation_id))
        if found is None:
            raise EvaluationNotFound("It was deleted with its version, or never was.")
        return found

    def latest_evaluation(self, version: ModelVersion) -> StoredEvaluation | None:
        newest = evaluations.c.created_at.desc(), evaluations.c.id.desc()
        wanted = select(StoredEvaluation).where(evaluations.c.version_id == version.id).order_by(*newest)
        found = self.session.scalars(self.mine(wanted.limit(MOST_AWAITED)))
        return next((each for each in found if each.document), None)

    def add(self, aggregate: Owned) -> None:
        super().add(aggregate)
        try:
            self.session.flush()
        except IntegrityError as error:
            if is_duplicate(error):
                raise Duplicate("Someone else stored the same just now.", fix="Repeat.") from error
            raise

    def record_move(self, move: AliasMove | ThresholdMove) -> None:
        row = asdict(move) | {"id": new_id(), "tenant_id": self.tenant_id}
        table = moves if isinstance(move, AliasMove) else threshold_moves
        self.session.execute(insert(table).values(row))

    def delete(self, aggregate: Model | ModelVersion) -> None:
        self.session.delete(aggregate)

    def _locked(self, statement: Select[A]) -> A | None:
        return self.one(statement.with_for_update())


def named(reference: ModelReference) -> Any:
    """The condition that a row of ``models`` is the one meant."""
    if isinstance(reference.model, str):
        return models.c.slug == reference.model
    return models.c.id == reference.model


def no_version(model: str, number: int) -> VersionNotFound:
    return VersionNotFound(
        f"{model} has no version {number}.", fix=f"List them: GET /api/v1/models/{model}/versions."
    )
