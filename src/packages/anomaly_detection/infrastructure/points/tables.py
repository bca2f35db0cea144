from sqlalchemy import Boolean, Column, Float, Index, SmallInteger, String, Table, UniqueConstraint, Uuid

from core.infrastructure.schema import Json, UtcDateTime, metadata

points = Table(
    "ad_points",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("tenant_id", Uuid, nullable=False),
    Column("source_id", String(200), nullable=False),  # the tenant's own name for where points come from
    Column("at", UtcDateTime, nullable=False),
    Column("cells", Json, nullable=False),
    Column("score", Float, nullable=False),
    Column("raw_score", Float, nullable=False),
    Column("is_anomaly", Boolean, nullable=False),
    Column("severity", SmallInteger, nullable=False),
    Column("model_version_id", Uuid, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    UniqueConstraint("tenant_id", "source_id", "at"),
    Index(None, "tenant_id", "created_at", "id"),
    info={"retention": ("points", "created_at")},
)
point_sources = Table(
    "ad_point_sources",
    metadata,
    Column("tenant_id", Uuid, primary_key=True),
    Column("source_id", String(200), primary_key=True),  # empty: the tenant's default
    Column("model_reference", String(200), nullable=False),
    Column("set_at", UtcDateTime, nullable=False),
)
