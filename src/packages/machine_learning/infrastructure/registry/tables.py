"""Tables of the registry. What belongs to a model goes with it."""

from enum import StrEnum

from sqlalchemy import (
    BigInteger,
    Column,
    Enum,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
)
from sqlalchemy.orm import deferred

from core.infrastructure.schema import Json, UtcDateTime, mappers, metadata
from machine_learning.domain.registry.model import LONGEST_NOTE, Model
from machine_learning.domain.registry.training import RunKind, StoredEvaluation, TrainingRun
from machine_learning.domain.registry.version import ModelVersion, VersionState


def one_of(kind: type[StrEnum]) -> Enum:
    """Text, read as a member of ``kind``."""
    return Enum(
        kind, native_enum=False, length=16, values_callable=lambda members: [m.value for m in members]
    )


def of_model() -> Column[object]:
    return Column("model_id", Uuid, ForeignKey("ml_models.id", ondelete="CASCADE"), nullable=False)


models = Table(
    "ml_models",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("tenant_id", Uuid, nullable=False),
    Column("slug", String(63), nullable=False),
    Column("name", String(120), nullable=False),
    Column("description", Text, nullable=False),
    Column("aliases", Json, nullable=False),  # name -> number of the version
    Column("former_champions", Json, nullable=False),  # numbers, the last one before the present champion
    Column("latest_number", Integer, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("version", Integer, nullable=False),
    UniqueConstraint("tenant_id", "slug"),
    Index(None, "tenant_id", "created_at", "id"),
)
runs = Table(
    "ml_training_runs",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("tenant_id", Uuid, nullable=False),
    of_model(),
    Column("kind", one_of(RunKind), nullable=False),
    Column("configuration", Json, nullable=False),
    Column("dataset", String(120)),
    Column("dataset_version_id", Uuid),
    Column("job_id", Uuid, nullable=False),
    Column("user_id", Uuid),
    Column("key_id", Uuid),
    Column("created_at", UtcDateTime, nullable=False),
    Index(None, "tenant_id", "created_at", "id"),
    Index(None, "model_id"),
)
versions = Table(
    "ml_model_versions",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("tenant_id", Uuid, nullable=False),
    of_model(),
    Column("number", Integer, nullable=False),
    Column("state", one_of(VersionState), nullable=False),
    # Unique: a training run that is done twice still leads to one version.
    Column(
        "training_run_id",
        Uuid,
        ForeignKey("ml_training_runs.id", ondelete="CASCADE"),
        nullable=False,
        unique=True,
    ),
    Column("dataset_version_id", Uuid),
    Column("algorithm", String(120), nullable=False),
    Column("summary", Json, nullable=False),
    Column("decisions", Json, nullable=False),
    Column("metrics", Json),
    Column("moved_alert_rate", Float),
    Column("previous_alert_rate", Float),
    Column("code_version", String(40), nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("user_id", Uuid),
    Column("key_id", Uuid),
    Column("created_at", UtcDateTime, nullable=False),
    Column("version", Integer, nullable=False),
    UniqueConstraint("model_id", "number"),
    Index(None, "tenant_id", "model_id"),
    Index(None, "tenant_id", "dataset_version_id"),
)
evaluations = Table(
    "ml_evaluations",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("tenant_id", Uuid, nullable=False),
    Column("version_id", Uuid, ForeignKey("ml_model_versions.id", ondelete="CASCADE"), nullable=False),
    Column("dataset", String(120), nullable=False),
    Column("dataset_version_id", Uuid, nullable=False),
    Column("label", Text),
    Column("document", Json),
    Column("cuts", LargeBinary),
    Column("job_id", Uuid, nullable=False),
    Column("user_id", Uuid),
    Column("key_id", Uuid),
    Column("created_at", UtcDateTime, nullable=False),
    Index(None, "tenant_id", "version_id", "created_at", "id"),
    Index(None, "version_id"),
)
moves = Table(
    "ml_alias_moves",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("tenant_id", Uuid, nullable=False),
    of_model(),
    Column("alias", String(63), nullable=False),
    Column("before", Integer),
    Column("after", Integer),
    Column("reason", String(20), nullable=False),
    Column("note", String(LONGEST_NOTE), nullable=False),
    Column("user_id", Uuid),
    Column("key_id", Uuid),
    Column("at", UtcDateTime, nullable=False),
    Index(None, "tenant_id", "model_id", "at", "id"),
    Index(None, "model_id"),
)
threshold_moves = Table(
    "ml_threshold_moves",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("tenant_id", Uuid, nullable=False),
    of_model(),
    Column("number", Integer, nullable=False),
    Column("before", Float, nullable=False),
    Column("after", Float, nullable=False),
    Column("reason", String(20), nullable=False),
    Column("note", String(LONGEST_NOTE), nullable=False),
    Column("user_id", Uuid),
    Column("key_id", Uuid),
    Column("at", UtcDateTime, nullable=False),
    Index(None, "tenant_id", "model_id", "at", "id"),
    Index(None, "model_id"),
)
mappers.map_imperatively(Model, models, version_id_col=models.c.version)
mappers.map_imperatively(TrainingRun, runs)
mappers.map_imperatively(ModelVersion, versions, version_id_col=versions.c.version)
mappers.map_imperatively(StoredEvaluation, evaluations, properties={"cuts": deferred(evaluations.c.cuts)})
