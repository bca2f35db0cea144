"""ml tables."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "ml_models",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("slug", sa.String(length=63), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("aliases", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column(
            "former_champions", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False
        ),
        sa.Column("latest_number", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ml_models")),
        sa.UniqueConstraint("tenant_id", "slug", name=op.f("uq_ml_models_tenant_id_slug")),
    )
    op.create_index(
        op.f("ix_ml_models_tenant_id_created_at_id"),
        "ml_models",
        ["tenant_id", "created_at", "id"],
        unique=False,
    )
    op.create_table(
        "ml_alias_moves",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("model_id", sa.Uuid(), nullable=False),
        sa.Column("alias", sa.String(length=63), nullable=False),
        sa.Column("before", sa.Integer(), nullable=True),
        sa.Column("after", sa.Integer(), nullable=True),
        sa.Column("reason", sa.String(length=20), nullable=False),
        sa.Column("note", sa.String(length=500), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=True),
        sa.Column("key_id", sa.Uuid(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["model_id"], ["ml_models.id"], name=op.f("fk_ml_alias_moves_model_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ml_alias_moves")),
    )
    op.create_index(op.f("ix_ml_alias_moves_model_id"), "ml_alias_moves", ["model_id"], unique=False)
    op.create_index(
        op.f("ix_ml_alias_moves_tenant_id_model_id_at_id"),
        "ml_alias_moves",
        ["tenant_id", "model_id", "at", "id"],
        unique=False,
    )
    op.create_table(
        "ml_threshold_moves",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("model_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("before", sa.Float(), nullable=False),
        sa.Column("after", sa.Float(), nullable=False),
        sa.Column("reason", sa.String(length=20), nullable=False),
        sa.Column("note", sa.String(length=500), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=True),
        sa.Column("key_id", sa.Uuid(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["model_id"], ["ml_models.id"], name=op.f("fk_ml_threshold_moves_model_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ml_threshold_moves")),
    )
    op.create_index(op.f("ix_ml_threshold_moves_model_id"), "ml_threshold_moves", ["model_id"], unique=False)
    op.create_index(
        op.f("ix_ml_threshold_moves_tenant_id_model_id_at_id"),
        "ml_threshold_moves",
        ["tenant_id", "model_id", "at", "id"],
        unique=False,
    )
    op.create_table(
        "ml_training_runs",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("model_id", sa.Uuid(), nullable=False),
        sa.Column(
            "kind", sa.Enum("train", "import", name="runkind", native_enum=False, length=16), nullable=False
        ),
        sa.Column("configuration", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("dataset", sa.String(length=120), nullable=True),
        sa.Column("dataset_version_id", sa.Uuid(), nullable=True),
        sa.Column("job_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=True),
        sa.Column("key_id", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["model_id"], ["ml_models.id"], name=op.f("fk_ml_training_runs_model_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ml_training_runs")),
    )
    op.create_index(op.f("ix_ml_training_runs_model_id"), "ml_training_runs", ["model_id"], unique=False)
    op.create_index(
        op.f("ix_ml_training_runs_tenant_id_created_at_id"),
        "ml_training_runs",
        ["tenant_id", "created_at", "id"],
        unique=False,
    )
    op.create_table(
        "ml_model_versions",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("model_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column(
            "state",
            sa.Enum("ready", "quarantined", "archived", name="versionstate", native_enum=False, length=16),
            nullable=False,
        ),
        sa.Column("training_run_id", sa.Uuid(), nullable=False),
        sa.Column("dataset_version_id", sa.Uuid(), nullable=True),
        sa.Column("algorithm", sa.String(length=120), nullable=False),
        sa.Column("summary", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("decisions", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("metrics", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=True),
        sa.Column("moved_alert_rate", sa.Float(), nullable=True),
        sa.Column("previous_alert_rate", sa.Float(), nullable=True),
        sa.Column("code_version", sa.String(length=40), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=True),
        sa.Column("key_id", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["model_id"], ["ml_models.id"], name=op.f("fk_ml_model_versions_model_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["training_run_id"],
            ["ml_training_runs.id"],
            name=op.f("fk_ml_model_versions_training_run_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ml_model_versions")),
        sa.UniqueConstraint("model_id", "number", name=op.f("uq_ml_model_versions_model_id_number")),
        sa.UniqueConstraint("training_run_id", name=op.f("uq_ml_model_versions_training_run_id")),
    )
    op.create_index(
        op.f("ix_ml_model_versions_tenant_id_dataset_version_id"),
        "ml_model_versions",
        ["tenant_id", "dataset_version_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_ml_model_versions_tenant_id_model_id"),
        "ml_model_versions",
        ["tenant_id", "model_id"],
        unique=False,
    )
    op.create_table(
        "ml_evaluations",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("version_id", sa.Uuid(), nullable=False),
        sa.Column("dataset", sa.String(length=120), nullable=False),
        sa.Column("dataset_version_id", sa.Uuid(), nullable=False),
        sa.Column("label", sa.Text(), nullable=True),
        sa.Column("document", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=True),
        sa.Column("cuts", sa.LargeBinary(), nullable=True),
        sa.Column("job_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=True),
        sa.Column("key_id", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["version_id"],
            ["ml_model_versions.id"],
            name=op.f("fk_ml_evaluations_version_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ml_evaluations")),
    )
    op.create_index(
        op.f("ix_ml_evaluations_tenant_id_version_id_created_at_id"),
        "ml_evaluations",
        ["tenant_id", "version_id", "created_at", "id"],
        unique=False,
    )
    op.create_index(op.f("ix_ml_evaluations_version_id"), "ml_evaluations", ["version_id"], unique=False)


def downgrade() -> None:
    op.drop_index(op.f("ix_ml_evaluations_version_id"), table_name="ml_evaluations")
    op.drop_index(op.f("ix_ml_evaluations_tenant_id_version_id_created_at_id"), table_name="ml_evaluations")
    op.drop_table("ml_evaluations")
    op.drop_index(op.f("ix_ml_model_versions_tenant_id_model_id"), table_name="ml_model_versions")
    op.drop_index(op.f("ix_ml_model_versions_tenant_id_dataset_version_id"), table_name="ml_model_versions")
    op.drop_table("ml_model_versions")
    op.drop_index(op.f("ix_ml_training_runs_tenant_id_created_at_id"), table_name="ml_training_runs")
    op.drop_index(op.f("ix_ml_training_runs_model_id"), table_name="ml_training_runs")
    op.drop_table("ml_training_runs")
    op.drop_index(op.f("ix_ml_threshold_moves_tenant_id_model_id_at_id"), table_name="ml_threshold_moves")
    op.drop_index(op.f("ix_ml_threshold_moves_model_id"), table_name="ml_threshold_moves")
    op.drop_table("ml_threshold_moves")
    op.drop_index(op.f("ix_ml_alias_moves_tenant_id_model_id_at_id"), table_name="ml_alias_moves")
    op.drop_index(op.f("ix_ml_alias_moves_model_id"), table_name="ml_alias_moves")
    op.drop_table("ml_alias_moves")
    op.drop_index(op.f("ix_ml_models_tenant_id_created_at_id"), table_name="ml_models")
    op.drop_table("ml_models")
