"""enterprise tables."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "enterprise_audit",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("action", sa.String(length=80), nullable=False),
        sa.Column("object_id", sa.Uuid(), nullable=True),
        sa.Column("before", sa.Text(), nullable=True),
        sa.Column("after", sa.Text(), nullable=True),
        sa.Column("user_id", sa.Uuid(), nullable=True),
        sa.Column("key_id", sa.Uuid(), nullable=True),
        sa.Column("request_id", sa.String(length=120), nullable=False),
        sa.Column("previous_hash", sa.String(length=64), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "number", name=op.f("pk_enterprise_audit")),
    )
    op.create_index(
        op.f("ix_enterprise_audit_tenant_id_at"), "enterprise_audit", ["tenant_id", "at"], unique=False
    )
    op.create_index(
        op.f("ix_enterprise_audit_tenant_id_object_id"),
        "enterprise_audit",
        ["tenant_id", "object_id"],
        unique=False,
    )
    op.create_table(
        "enterprise_audit_checkpoints",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("signature", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "number", name=op.f("pk_enterprise_audit_checkpoints")),
    )
    op.create_table(
        "enterprise_audit_heads",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", name=op.f("pk_enterprise_audit_heads")),
    )
    op.create_table(
        "enterprise_audit_person",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=True),
        sa.Column("address", sa.String(length=64), nullable=False),
        sa.Column("email", sa.String(length=320), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "number", name=op.f("pk_enterprise_audit_person")),
    )
    op.create_index(
        op.f("ix_enterprise_audit_person_user_id"), "enterprise_audit_person", ["user_id"], unique=False
    )
    op.create_table(
        "enterprise_exports",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_enterprise_exports")),
    )
    op.create_index(
        op.f("ix_enterprise_exports_tenant_id_created_at"),
        "enterprise_exports",
        ["tenant_id", "created_at"],
        unique=False,
    )
    op.create_table(
        "enterprise_tenants",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("slug", sa.String(length=63), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column(
            "plan",
            sa.Enum("free", "team", "enterprise", name="plan", native_enum=False, length=16),
            nullable=False,
        ),
        sa.Column(
            "state",
            sa.Enum("active", "suspended", "closed", name="tenantstate", native_enum=False, length=16),
            nullable=False,
        ),
        sa.Column("quotas", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("retention_days", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("cut_offs", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_enterprise_tenants")),
        sa.UniqueConstraint("slug", name=op.f("uq_enterprise_tenants_slug")),
    )
    op.create_table(
        "enterprise_usage",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("quota", sa.String(length=40), nullable=False),
        sa.Column("period", sa.String(length=20), nullable=False),
        sa.Column("used", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "quota", "period", name=op.f("pk_enterprise_usage")),
    )


def downgrade() -> None:
    op.drop_table("enterprise_usage")
    op.drop_table("enterprise_tenants")
    op.drop_index(op.f("ix_enterprise_exports_tenant_id_created_at"), table_name="enterprise_exports")
    op.drop_table("enterprise_exports")
    op.drop_index(op.f("ix_enterprise_audit_person_user_id"), table_name="enterprise_audit_person")
    op.drop_table("enterprise_audit_person")
    op.drop_table("enterprise_audit_heads")
    op.drop_table("enterprise_audit_checkpoints")
    op.drop_index(op.f("ix_enterprise_audit_tenant_id_object_id"), table_name="enterprise_audit")
    op.drop_index(op.f("ix_enterprise_audit_tenant_id_at"), table_name="enterprise_audit")
    op.drop_table("enterprise_audit")
