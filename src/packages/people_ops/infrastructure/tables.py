"""Tables of people: ``people_users`` belongs to the installation, a tenant sees of it its own members."""

from sqlalchemy import Boolean, Column, ForeignKey, Index, Integer, String, Table, UniqueConstraint, Uuid

from core.infrastructure.schema import ENCRYPTED, PERSONAL, SECRET, Json, UtcDateTime, mappers, metadata
from people_ops.domain.api_key import ApiKey
from people_ops.domain.role import CustomRole
from people_ops.domain.session import Session
from people_ops.domain.user import Membership, User

users = Table(
    "people_users",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("email", String(320), nullable=False, unique=True, info=PERSONAL),
    Column("name", String(200), nullable=False, info=PERSONAL),
    Column("password_hash", String(300), nullable=False, info=SECRET),
    Column("totp_seed", String(300), nullable=False, info=ENCRYPTED),
    Column("disabled_at", UtcDateTime),
    Column("created_at", UtcDateTime, nullable=False),
    Column("last_login_at", UtcDateTime),
    Column("version", Integer, nullable=False),
    info={"row_security": "id IN (SELECT user_id FROM people_memberships)"},
)
memberships = Table(
    "people_memberships",
    metadata,
    Column("user_id", Uuid, ForeignKey("people_users.id", ondelete="CASCADE"), primary_key=True),
    Column("tenant_id", Uuid, primary_key=True, index=True),
    Column("roles", Json, nullable=False),
    Column("disabled_at", UtcDateTime),
    Column("created_at", UtcDateTime, nullable=False),
    Column("version", Integer, nullable=False),
)
sessions = Table(
    "people_sessions",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("tenant_id", Uuid, nullable=False, index=True),
    Column("user_id", Uuid, ForeignKey("people_users.id", ondelete="CASCADE"), nullable=False),
    Column("address", String(64), nullable=False, info=PERSONAL),
    Column("agent", String(200), nullable=False, info=PERSONAL),
    Column("created_at", UtcDateTime, nullable=False),
    Column("last_used_at", UtcDateTime, nullable=False),
    Column("idle_at", UtcDateTime, nullable=False),
    Column("impersonated", Boolean, nullable=False),
    Column("revoked_at", UtcDateTime),
    Column("cookie_hash", String(64), unique=True, info=SECRET),
    Column("every_tenant", Boolean, nullable=False),
    Index(None, "user_id", "created_at"),
)
refresh_tokens = Table(  # the used ones too, so that their reuse is noticed
    "people_refresh_tokens",
    metadata,
    Column("token_hash", String(64), primary_key=True, info=SECRET),
    Column(
        "session_id", Uuid, ForeignKey("people_sessions.id", ondelete="CASCADE"), nullable=False, index=True
    ),
    Column("tenant_id", Uuid, nullable=False, index=True),
    Column("used_at", UtcDateTime),
)
api_keys = Table(
    "people_keys",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("tenant_id", Uuid, nullable=False),
    Column("name", String(100), nullable=False),
    Column("start", String(40), nullable=False),
    Column("key_hash", String(64), nullable=False, unique=True, info=SECRET),
    Column("scopes", Json, nullable=False),
    Column("permissions", Json, nullable=False),
    Column("created_by", Uuid),
    Column("created_at", UtcDateTime, nullable=False),
    Column("expires_at", UtcDateTime, nullable=False),
    Column("last_used_at", UtcDateTime),
    Column("revoked_at", UtcDateTime),
    Column("version", Integer, nullable=False),
    Index(None, "tenant_id", "created_at", "id"),
)
roles = Table(
    "people_roles",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("tenant_id", Uuid, nullable=False),
    Column("name", String(60), nullable=False),
    Column("permissions", Json, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("version", Integer, nullable=False),
    UniqueConstraint("tenant_id", "name"),
)
lockouts = Table(
    "people_lockouts",
    metadata,
    Column("subject_hash", String(64), primary_key=True),
    Column("attempts", Integer, nullable=False),
    Column("last_at", UtcDateTime, nullable=False),
    Column("locked_until", UtcDateTime),
    info={"row_security": "false"},
)
mappers.map_imperatively(User, users, version_id_col=users.c.version)
mappers.map_imperatively(Membership, memberships, version_id_col=memberships.c.version)
mappers.map_imperatively(Session, sessions)
mappers.map_imperatively(ApiKey, api_keys, version_id_col=api_keys.c.version)
mappers.map_imperatively(CustomRole, roles, version_id_col=roles.c.version)
