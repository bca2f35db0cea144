"""people tables."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "people_invitations",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("email", sa.String(length=320), nullable=False),
        sa.Column("roles", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("invited_by", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("accepted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_people_invitations")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_people_invitations_token_hash")),
    )
    op.create_index(
        op.f("ix_people_invitations_tenant_id_created_at_id"),
        "people_invitations",
        ["tenant_id", "created_at", "id"],
        unique=False,
    )
    op.create_table(
        "people_keys",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("start", sa.String(length=40), nullable=False),
        sa.Column("key_hash", sa.String(length=64), nullable=False),
        sa.Column("scopes", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("permissions", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_people_keys")),
        sa.UniqueConstraint("key_hash", name=op.f("uq_people_keys_key_hash")),
    )
    op.create_index(
        op.f("ix_people_keys_tenant_id_created_at_id"),
        "people_keys",
        ["tenant_id", "created_at", "id"],
        unique=False,
    )
    op.create_table(
        "people_lockouts",
        sa.Column("subject_hash", sa.String(length=64), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("locked_until", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("subject_hash", name=op.f("pk_people_lockouts")),
    )
    op.create_table(
        "people_roles",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("permissions", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_people_roles")),
        sa.UniqueConstraint("tenant_id", "name", name=op.f("uq_people_roles_tenant_id_name")),
    )
    op.create_table(
        "people_single_sign_on",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("issuer", sa.String(length=500), nullable=False),
        sa.Column("client_id", sa.String(length=300), nullable=False),
        sa.Column("client_secret", sa.Text(), nullable=False),
        sa.Column("domains", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("default_roles", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("auto_provision", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", name=op.f("pk_people_single_sign_on")),
    )
    op.create_table(
        "people_users",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("email", sa.String(length=320), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("password_hash", sa.String(length=300), nullable=False),
        sa.Column("totp_seed", sa.String(length=300), nullable=False),
        sa.Column("disabled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_login_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_people_users")),
        sa.UniqueConstraint("email", name=op.f("uq_people_users_email")),
    )
    op.create_table(
        "people_identities",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("issuer", sa.String(length=500), nullable=False),
        sa.Column("subject", sa.String(length=255), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["people_users.id"], name=op.f("fk_people_identities_user_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("tenant_id", "issuer", "subject", name=op.f("pk_people_identities")),
    )
    op.create_index(op.f("ix_people_identities_user_id"), "people_identities", ["user_id"], unique=False)
    op.create_table(
        "people_memberships",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("roles", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("disabled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["people_users.id"], name=op.f("fk_people_memberships_user_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("user_id", "tenant_id", name=op.f("pk_people_memberships")),
    )
    op.create_index(
        op.f("ix_people_memberships_tenant_id"), "people_memberships", ["tenant_id"], unique=False
    )
    op.create_table(
        "people_password_resets",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["people_users.id"],
            name=op.f("fk_people_password_resets_user_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_people_password_resets")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_people_password_resets_token_hash")),
    )
    op.create_index(
        op.f("ix_people_password_resets_user_id"), "people_password_resets", ["user_id"], unique=False
    )
    op.create_table(
        "people_recovery_codes",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("code_hash", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["people_users.id"],
            name=op.f("fk_people_recovery_codes_user_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("user_id", "code_hash", name=op.f("pk_people_recovery_codes")),
    )
    op.create_table(
        "people_saved_views",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("page", sa.String(length=200), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("query", sa.String(length=2000), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["people_users.id"], name=op.f("fk_people_saved_views_user_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_people_saved_views")),
        sa.UniqueConstraint(
            "tenant_id",
            "user_id",
            "page",
            "name",
            name=op.f("uq_people_saved_views_tenant_id_user_id_page_name"),
        ),
    )
    op.create_index(op.f("ix_people_saved_views_user_id"), "people_saved_views", ["user_id"], unique=False)
    op.create_table(
        "people_second_factors",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("pending_seed", sa.String(length=300), nullable=False),
        sa.Column("last_counter", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["people_users.id"],
            name=op.f("fk_people_second_factors_user_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("user_id", name=op.f("pk_people_second_factors")),
    )
    op.create_table(
        "people_sessions",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("address", sa.String(length=64), nullable=False),
        sa.Column("agent", sa.String(length=200), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_used_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("idle_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("impersonated", sa.Boolean(), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("cookie_hash", sa.String(length=64), nullable=True),
        sa.Column("every_tenant", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["people_users.id"], name=op.f("fk_people_sessions_user_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_people_sessions")),
        sa.UniqueConstraint("cookie_hash", name=op.f("uq_people_sessions_cookie_hash")),
    )
    op.create_index(op.f("ix_people_sessions_tenant_id"), "people_sessions", ["tenant_id"], unique=False)
    op.create_index(
        op.f("ix_people_sessions_user_id_created_at"),
        "people_sessions",
        ["user_id", "created_at"],
        unique=False,
    )
    op.create_table(
        "people_refresh_tokens",
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["session_id"],
            ["people_sessions.id"],
            name=op.f("fk_people_refresh_tokens_session_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_people_refresh_tokens")),
    )
    op.create_index(
        op.f("ix_people_refresh_tokens_session_id"), "people_refresh_tokens", ["session_id"], unique=False
    )
    op.create_index(
        op.f("ix_people_refresh_tokens_tenant_id"), "people_refresh_tokens", ["tenant_id"], unique=False
    )


def downgrade() -> None:
    op.drop_index(op.f("ix_people_refresh_tokens_tenant_id"), table_name="people_refresh_tokens")
    op.drop_index(op.f("ix_people_refresh_tokens_session_id"), table_name="people_refresh_tokens")
    op.drop_table("people_refresh_tokens")
    op.drop_index(op.f("ix_people_sessions_user_id_created_at"), table_name="people_sessions")
    op.drop_index(op.f("ix_people_sessions_tenant_id"), table_name="people_sessions")
    op.drop_table("people_sessions")
    op.drop_table("people_second_factors")
    op.drop_index(op.f("ix_people_saved_views_user_id"), table_name="people_saved_views")
    op.drop_table("people_saved_views")
    op.drop_table("people_recovery_codes")
    op.drop_index(op.f("ix_people_password_resets_user_id"), table_name="people_password_resets")
    op.drop_table("people_password_resets")
    op.drop_index(op.f("ix_people_memberships_tenant_id"), table_name="people_memberships")
    op.drop_table("people_memberships")
    op.drop_index(op.f("ix_people_identities_user_id"), table_name="people_identities")
    op.drop_table("people_identities")
    op.drop_table("people_users")
    op.drop_table("people_single_sign_on")
    op.drop_table("people_roles")
    op.drop_table("people_lockouts")
    op.drop_index(op.f("ix_people_keys_tenant_id_created_at_id"), table_name="people_keys")
    op.drop_table("people_keys")
    op.drop_index(op.f("ix_people_invitations_tenant_id_created_at_id"), table_name="people_invitations")
    op.drop_table("people_invitations")
