"""Tables of invitations, password resets, second factors and single sign-on.

What belongs to a person and to no tenant is seen by the system role alone.
"""

from sqlalchemy import BigInteger, Boolean, Column, ForeignKey, Index, Integer, String, Table, Text, Uuid

from core.infrastructure.schema import ENCRYPTED, PERSONAL, SECRET, Json, UtcDateTime, mappers, metadata
from people_ops.domain.invitation import Invitation
from people_ops.domain.password_reset import PasswordReset
from people_ops.domain.single_sign_on import SingleSignOn

SYSTEM_ONLY = {"row_security": "false"}

invitations = Table(
    "people_invitations",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("tenant_id", Uuid, nullable=False),
    Column("email", String(320), nullable=False, info=PERSONAL),
    Column("roles", Json, nullable=False),
    Column("token_hash", String(64), nullable=False, unique=True, info=SECRET),
    Column("invited_by", Uuid),
    Column("created_at", UtcDateTime, nullable=False),
    Column("expires_at", UtcDateTime, nullable=False),
    Column("accepted_at", UtcDateTime),
    Column("revoked_at", UtcDateTime),
    Column("version", Integer, nullable=False),
    Index(None, "tenant_id", "created_at", "id"),
)
password_resets = Table(
    "people_password_resets",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("user_id", Uuid, ForeignKey("people_users.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("token_hash", String(64), nullable=False, unique=True, info=SECRET),
    Column("created_at", UtcDateTime, nullable=False),
    Column("expires_at", UtcDateTime, nullable=False),
    Column("used_at", UtcDateTime),
    Column("version", Integer, nullable=False),
    info=SYSTEM_ONLY,
)
second_factors = Table(
    "people_second_factors",
    metadata,
    Column("user_id", Uuid, ForeignKey("people_users.id", ondelete="CASCADE"), primary_key=True),
    Column("pending_seed", String(300), nullable=False, info=ENCRYPTED),  # until a code confirms it
    Column("last_counter", BigInteger, nullable=False),  # of the last accepted code: earlier ones are replays
    info=SYSTEM_ONLY,
)
recovery_codes = Table(
    "people_recovery_codes",
    metadata,
    Column("user_id", Uuid, ForeignKey("people_users.id", ondelete="CASCADE"), primary_key=True),
    Column("code_hash", String(64), primary_key=True, info=SECRET),
    info=SYSTEM_ONLY,
)
single_sign_on = Table(
    "people_single_sign_on",
    metadata,
    Column("tenant_id", Uuid, primary_key=True),
    Column("issuer", String(500), nullable=False),
    Column("client_id", String(300), nullable=False),
    Column("client_secret", Text, nullable=False, info=ENCRYPTED),
    Column("domains", Json, nullable=False),
    Column("default_roles", Json, nullable=False),
    Column("auto_provision", Boolean, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("updated_at", UtcDateTime, nullable=False),
    Column("version", Integer, nullable=False),
)
identities = Table(
    "people_identities",
    metadata,
    Column("tenant_id", Uuid, primary_key=True),
    Column("issuer", String(500), primary_key=True),
    Column("subject", String(255), primary_key=True, info=PERSONAL),
    Column("user_id", Uuid, ForeignKey("people_users.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("created_at", UtcDateTime, nullable=False),
)
mappers.map_imperatively(Invitation, invitations, version_id_col=invitations.c.version)
mappers.map_imperatively(PasswordReset, password_resets, version_id_col=password_resets.c.version)
mappers.map_imperatively(SingleSignOn, single_sign_on, version_id_col=single_sign_on.c.version)
