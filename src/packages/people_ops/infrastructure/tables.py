"""Tables of people: ``people_users`` belongs to the installation, a tenant sees of it its own members."""

from sqlalchemy import Column, ForeignKey, Integer, String, Table, Uuid

from core.infrastructure.schema import PERSONAL, SECRET, Json, UtcDateTime, mappers, metadata
from people_ops.domain.user import Membership, User

users = Table(
    "people_users",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("email", String(320), nullable=False, unique=True, info=PERSONAL),
    Column("name", String(200), nullable=False, info=PERSONAL),
    Column("password_hash", String(300), nullable=False, info=SECRET),
    Column("totp_seed", String(300), nullable=False, info=SECRET),
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
mappers.map_imperatively(User, users, version_id_col=users.c.version)
mappers.map_imperatively(Membership, memberships, version_id_col=memberships.c.version)
