"""dp tables."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "dp_datasets",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("slug", sa.String(length=63), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("columns", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("checks_off", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("latest_number", sa.Integer(), nullable=False),
        sa.Column("ready_number", sa.Integer(), nullable=False),
        sa.Column("rows", sa.BigInteger(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=True),
        sa.Column("key_id", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dp_datasets")),
        sa.UniqueConstraint("tenant_id", "slug", name=op.f("uq_dp_datasets_tenant_id_slug")),
    )
    op.create_index(
        op.f("ix_dp_datasets_tenant_id_created_at_id"),
        "dp_datasets",
        ["tenant_id", "created_at", "id"],
        unique=False,
    )
    op.create_table(
        "dp_sources",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("slug", sa.String(length=63), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column(
            "kind",
            sa.Enum("postgresql", "mysql", name="sourcekind", native_enum=False, length=16),
            nullable=False,
        ),
        sa.Column("place", sa.String(length=400), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("query", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dp_sources")),
        sa.UniqueConstraint("tenant_id", "slug", name=op.f("uq_dp_sources_tenant_id_slug")),
    )
    op.create_index(
        op.f("ix_dp_sources_tenant_id_created_at_id"),
        "dp_sources",
        ["tenant_id", "created_at", "id"],
        unique=False,
    )
    op.create_table(
        "dp_dataset_versions",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("dataset_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column(
            "state",
            sa.Enum("ingesting", "ready", "failed", name="versionstate", native_enum=False, length=16),
            nullable=False,
        ),
        sa.Column("origin", sa.String(length=16), nullable=False),
        sa.Column("content_hash", sa.String(length=64), nullable=True),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("rows", sa.BigInteger(), nullable=False),
        sa.Column("added_rows", sa.BigInteger(), nullable=False),
        sa.Column("columns", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("parts", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("notes", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("parent_number", sa.Integer(), nullable=True),
        sa.Column("source", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=True),
        sa.Column("raw_file", sa.String(length=120), nullable=True),
        sa.Column("profile", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=True),
        sa.Column("quality", sa.Integer(), nullable=True),
        sa.Column("error", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=True),
        sa.Column("job_id", sa.Uuid(), nullable=True),
        sa.Column("user_id", sa.Uuid(), nullable=True),
        sa.Column("key_id", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["dataset_id"],
            ["dp_datasets.id"],
            name=op.f("fk_dp_dataset_versions_dataset_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dp_dataset_versions")),
        sa.UniqueConstraint(
            "dataset_id", "content_hash", name=op.f("uq_dp_dataset_versions_dataset_id_content_hash")
        ),
        sa.UniqueConstraint("dataset_id", "number", name=op.f("uq_dp_dataset_versions_dataset_id_number")),
    )
    op.create_index(
        op.f("ix_dp_dataset_versions_tenant_id_dataset_id"),
        "dp_dataset_versions",
        ["tenant_id", "dataset_id"],
        unique=False,
    )


def downgrade() -> None:
    op.drop_index(op.f("ix_dp_dataset_versions_tenant_id_dataset_id"), table_name="dp_dataset_versions")
    op.drop_table("dp_dataset_versions")
    op.drop_index(op.f("ix_dp_sources_tenant_id_created_at_id"), table_name="dp_sources")
    op.drop_table("dp_sources")
    op.drop_index(op.f("ix_dp_datasets_tenant_id_created_at_id"), table_name="dp_datasets")
    op.drop_table("dp_datasets")
