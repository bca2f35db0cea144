"""Tables of datasets and sources. Versions go with their dataset."""

from enum import StrEnum

from sqlalchemy import (
    BigInteger,
    Column,
    Enum,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
)

from core.infrastructure.schema import ENCRYPTED, Json, UtcDateTime, mappers, metadata
from data_platform.domain.datasets.dataset import Dataset, DatasetVersion, VersionState
from data_platform.domain.datasets.source import Source, SourceKind


def one_of(kind: type[StrEnum]) -> Enum:
    """Text, read as a member of ``kind``."""
    return Enum(
        kind, native_enum=False, length=16, values_callable=lambda members: [m.value for m in members]
    )


datasets = Table(
    "dp_datasets",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("tenant_id", Uuid, nullable=False),
    Column("slug", String(63), nullable=False),
    Column("name", String(120), nullable=False),
    Column("description", Text, nullable=False),
    Column("kind", String(20), nullable=False),
    Column("columns", Json, nullable=False),
    Column("checks_off", Json, nullable=False),
    Column("latest_number", Integer, nullable=False),
    Column("ready_number", Integer, nullable=False),
    Column("rows", BigInteger, nullable=False),
    Column("user_id", Uuid),
    Column("key_id", Uuid),
    Column("created_at", UtcDateTime, nullable=False),
    Column("version", Integer, nullable=False),
    UniqueConstraint("tenant_id", "slug"),
    Index(None, "tenant_id", "created_at", "id"),
)
versions = Table(
    "dp_dataset_versions",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("tenant_id", Uuid, nullable=False),
    Column("dataset_id", Uuid, ForeignKey("dp_datasets.id", ondelete="CASCADE"), nullable=False),
    Column("number", Integer, nullable=False),
    Column("state", one_of(VersionState), nullable=False),
    Column("origin", String(16), nullable=False),
    Column("content_hash", String(64)),
    Column("sha256", String(64), nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("rows", BigInteger, nullable=False),
    Column("added_rows", BigInteger, nullable=False),
    Column("columns", Json, nullable=False),
    Column("parts", Json, nullable=False),
    Column("notes", Json, nullable=False),
    Column("parent_number", Integer),
    Column("source", Json),
    Column("raw_file", String(120)),
    Column("profile", Json),
    Column("quality", Integer),
    Column("error", Json),
    Column("job_id", Uuid),
    Column("user_id", Uuid),
    Column("key_id", Uuid),
    Column("created_at", UtcDateTime, nullable=False),
    UniqueConstraint("dataset_id", "number"),
    UniqueConstraint("dataset_id", "content_hash"),  # the same bytes sent twice at once are one version
    Index(None, "tenant_id", "dataset_id"),
)
sources = Table(
    "dp_sources",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("tenant_id", Uuid, nullable=False),
    Column("slug", String(63), nullable=False),
    Column("name", String(120), nullable=False),
    Column("kind", one_of(SourceKind), nullable=False),
    Column("place", String(400), nullable=False),
    Column("url", Text, nullable=False, info=ENCRYPTED),
    Column("query", Text, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("version", Integer, nullable=False),
    UniqueConstraint("tenant_id", "slug"),
    Index(None, "tenant_id", "created_at", "id"),
)
mappers.map_imperatively(Dataset, datasets, version_id_col=datasets.c.version)
mappers.map_imperatively(DatasetVersion, versions)
mappers.map_imperatively(Source, sources, version_id_col=sources.c.version)
