from sqlalchemy import Column, ForeignKey, Index, Integer, String, Table, Text, UniqueConstraint, Uuid

from anomaly_detection.domain.definitions.detector_definition import DetectorDefinition
from core.infrastructure.schema import Json, UtcDateTime, mappers, metadata

detectors = Table(
    "ad_detectors",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("tenant_id", Uuid, nullable=False),
    Column("slug", String(63), nullable=False),
    Column("name", String(200), nullable=False),
    Column("description", Text, nullable=False),
    Column("configuration", Json, nullable=False),
    Column("dataset_id", Uuid),
    Column("baseline_run_id", Uuid, ForeignKey("ad_runs.id", ondelete="SET NULL"), index=True),
    Column("created_at", UtcDateTime, nullable=False),
    Column("created_by", Uuid),
    Column("created_with", Uuid),
    Column("version", Integer, nullable=False),
    UniqueConstraint("tenant_id", "slug"),
    Index(None, "tenant_id", "created_at", "id"),
)
mappers.map_imperatively(DetectorDefinition, detectors, version_id_col=detectors.c.version)
