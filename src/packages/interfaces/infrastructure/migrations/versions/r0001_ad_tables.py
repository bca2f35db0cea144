"""ad tables."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "ad_label_changes",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("dataset_version_id", sa.Uuid(), nullable=False),
        sa.Column("row", sa.BigInteger(), nullable=False),
        sa.Column("verdict", sa.String(length=20), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("run_id", sa.Uuid(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=True),
        sa.Column("key_id", sa.Uuid(), nullable=True),
        sa.Column("batch_id", sa.Uuid(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ad_label_changes")),
    )
    op.create_index(
        op.f("ix_ad_label_changes_tenant_id_batch_id"),
        "ad_label_changes",
        ["tenant_id", "batch_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_ad_label_changes_tenant_id_dataset_version_id_row_at"),
        "ad_label_changes",
        ["tenant_id", "dataset_version_id", "row", "at"],
        unique=False,
    )
    op.create_table(
        "ad_labels",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("dataset_version_id", sa.Uuid(), nullable=False),
        sa.Column("row", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("verdict", sa.String(length=20), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("run_id", sa.Uuid(), nullable=True),
        sa.Column("labelled_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=True),
        sa.Column("key_id", sa.Uuid(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "dataset_version_id", "row", name=op.f("pk_ad_labels")),
    )
    op.create_index(
        op.f("ix_ad_labels_tenant_id_labelled_at"), "ad_labels", ["tenant_id", "labelled_at"], unique=False
    )
    op.create_table(
        "ad_point_sources",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("source_id", sa.String(length=200), nullable=False),
        sa.Column("model_reference", sa.String(length=200), nullable=False),
        sa.Column("set_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "source_id", name=op.f("pk_ad_point_sources")),
    )
    op.create_table(
        "ad_points",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("source_id", sa.String(length=200), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("cells", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("score", sa.Float(), nullable=False),
        sa.Column("raw_score", sa.Float(), nullable=False),
        sa.Column("is_anomaly", sa.Boolean(), nullable=False),
        sa.Column("severity", sa.SmallInteger(), nullable=False),
        sa.Column("model_version_id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ad_points")),
        sa.UniqueConstraint("tenant_id", "source_id", "at", name=op.f("uq_ad_points_tenant_id_source_id_at")),
    )
    op.create_index(
        op.f("ix_ad_points_tenant_id_created_at_id"),
        "ad_points",
        ["tenant_id", "created_at", "id"],
        unique=False,
    )
    op.create_table(
        "ad_runs",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("job_id", sa.Uuid(), nullable=True),
        sa.Column("detector_id", sa.Uuid(), nullable=True),
        sa.Column("model_version_id", sa.Uuid(), nullable=True),
        sa.Column("model_reference", sa.String(length=200), nullable=False),
        sa.Column("configuration", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("dataset_id", sa.Uuid(), nullable=False),
        sa.Column("dataset_version_id", sa.Uuid(), nullable=False),
        sa.Column("dataset_slug", sa.String(length=63), nullable=False),
        sa.Column("dataset_number", sa.Integer(), nullable=False),
        sa.Column("algorithm", sa.String(length=80), nullable=False),
        sa.Column("rows", sa.BigInteger(), nullable=True),
        sa.Column("by_severity", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=True),
        sa.Column("alert_rate", sa.Float(), nullable=True),
        sa.Column("previous_alert_rate", sa.Float(), nullable=True),
        sa.Column("fitted_alert_rate", sa.Float(), nullable=True),
        sa.Column("threshold", sa.Float(), nullable=True),
        sa.Column("summary", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.Column("created_with", sa.Uuid(), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ad_runs")),
        sa.UniqueConstraint("tenant_id", "id", name=op.f("uq_ad_runs_tenant_id_id")),
    )
    op.create_index(
        op.f("ix_ad_runs_tenant_id_created_at_id"), "ad_runs", ["tenant_id", "created_at", "id"], unique=False
    )
    op.create_index(
        op.f("ix_ad_runs_tenant_id_dataset_version_id"),
        "ad_runs",
        ["tenant_id", "dataset_version_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_ad_runs_tenant_id_detector_id"), "ad_runs", ["tenant_id", "detector_id"], unique=False
    )
    op.create_table(
        "ad_anomalies",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("run_id", sa.Uuid(), nullable=False),
        sa.Column("row", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("raw_score", sa.Float(), nullable=False),
        sa.Column("tail_probability", sa.Float(), nullable=False),
        sa.Column("row_id", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("contributions", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("cells", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "run_id"],
            ["ad_runs.tenant_id", "ad_runs.id"],
            name=op.f("fk_ad_anomalies_tenant_id_run_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("tenant_id", "run_id", "row", name=op.f("pk_ad_anomalies")),
    )
    op.create_index(
        op.f("ix_ad_anomalies_tenant_id_run_id_tail_probability_row"),
        "ad_anomalies",
        ["tenant_id", "run_id", "tail_probability", "row"],
        unique=False,
    )
    op.create_table(
        "ad_detectors",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("slug", sa.String(length=63), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("configuration", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("dataset_id", sa.Uuid(), nullable=True),
        sa.Column("baseline_run_id", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.Column("created_with", sa.Uuid(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["baseline_run_id"],
            ["ad_runs.id"],
            name=op.f("fk_ad_detectors_baseline_run_id"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ad_detectors")),
        sa.UniqueConstraint("tenant_id", "slug", name=op.f("uq_ad_detectors_tenant_id_slug")),
    )
    op.create_index(
        op.f("ix_ad_detectors_baseline_run_id"), "ad_detectors", ["baseline_run_id"], unique=False
    )
    op.create_index(
        op.f("ix_ad_detectors_tenant_id_created_at_id"),
        "ad_detectors",
        ["tenant_id", "created_at", "id"],
        unique=False,
    )


def downgrade() -> None:
    op.drop_index(op.f("ix_ad_detectors_tenant_id_created_at_id"), table_name="ad_detectors")
    op.drop_index(op.f("ix_ad_detectors_baseline_run_id"), table_name="ad_detectors")
    op.drop_table("ad_detectors")
    op.drop_index(op.f("ix_ad_anomalies_tenant_id_run_id_tail_probability_row"), table_name="ad_anomalies")
    op.drop_table("ad_anomalies")
    op.drop_index(op.f("ix_ad_runs_tenant_id_detector_id"), table_name="ad_runs")
    op.drop_index(op.f("ix_ad_runs_tenant_id_dataset_version_id"), table_name="ad_runs")
    op.drop_index(op.f("ix_ad_runs_tenant_id_created_at_id"), table_name="ad_runs")
    op.drop_table("ad_runs")
    op.drop_index(op.f("ix_ad_points_tenant_id_created_at_id"), table_name="ad_points")
    op.drop_table("ad_points")
    op.drop_table("ad_point_sources")
    op.drop_index(op.f("ix_ad_labels_tenant_id_labelled_at"), table_name="ad_labels")
    op.drop_table("ad_labels")
    op.drop_index(
        op.f("ix_ad_label_changes_tenant_id_dataset_version_id_row_at"), table_name="ad_label_changes"
    )
    op.drop_index(op.f("ix_ad_label_changes_tenant_id_batch_id"), table_name="ad_label_changes")
    op.drop_table("ad_label_changes")
