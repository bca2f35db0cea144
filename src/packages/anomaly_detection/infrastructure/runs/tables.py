from sqlalchemy import (
    BigInteger,
    Column,
    Float,
    ForeignKeyConstraint,
    Index,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
)

from anomaly_detection.domain.runs.run import Run
from core.infrastructure.schema import Json, UtcDateTime, mappers, metadata

runs = Table(
    "ad_runs",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("tenant_id", Uuid, nullable=False),
    Column("job_id", Uuid),
    Column("detector_id", Uuid),
    Column("model_version_id", Uuid),
    Column("model_reference", String(200), nullable=False),
    Column("configuration", Json, nullable=False),
    Column("dataset_id", Uuid, nullable=False),
    Column("dataset_version_id", Uuid, nullable=False),
    Column("dataset_slug", String(63), nullable=False),
    Column("dataset_number", Integer, nullable=False),
    Column("algorithm", String(80), nullable=False),
    Column("rows", BigInteger),
    Column("by_severity", Json),
    Column("alert_rate", Float),
    Column("previous_alert_rate", Float),
    Column("fitted_alert_rate", Float),
    Column("threshold", Float),
    Column("summary", Json),
    Column("created_at", UtcDateTime, nullable=False),
    Column("created_by", Uuid),
    Column("created_with", Uuid),
    Column("finished_at", UtcDateTime),
    Column("version", Integer, nullable=False),
    Index(None, "tenant_id", "created_at", "id"),
    Index(None, "tenant_id", "detector_id"),
    Index(None, "tenant_id", "dataset_version_id"),
    UniqueConstraint("tenant_id", "id"),
    info={"retention": ("results", "created_at")},
)
# Score, flag and severity follow from a row's tail probability and its run's alert rate (domain.calibration.scores_at):
# moving the threshold changes no row here.
anomalies = Table(
    "ad_anomalies",
    metadata,
    # The key begins with the tenant: PostgreSQL then finds a row by it also before it has counted the table's values.
    Column("tenant_id", Uuid, primary_key=True),
    Column("run_id", Uuid, primary_key=True),
    Column("row", BigInteger, primary_key=True, autoincrement=False),  # 0-based
    Column("raw_score", Float, nullable=False),
    Column("tail_probability", Float, nullable=False),  # p: the lower, the higher the score
    Column("row_id", Text, nullable=False),  # the id column's value as text; empty without one
    Column("reason", Text, nullable=False),
    Column("contributions", Json, nullable=False),  # column to contribution, the largest first
    Column("cells", Json, nullable=False),  # the row's values
    Index(None, "tenant_id", "run_id", "tail_probability", "row"),
    ForeignKeyConstraint(["tenant_id", "run_id"], ["ad_runs.tenant_id", "ad_runs.id"], ondelete="CASCADE"),
)
mappers.map_imperatively(Run, runs, version_id_col=runs.c.version)
