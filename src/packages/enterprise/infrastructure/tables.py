"""Tables of tenants, their usage, their exports and their audit chains."""

from sqlalchemy import BigInteger, Column, Enum, Index, Integer, String, Table, Text, Uuid

from core.infrastructure.schema import PERSONAL, Json, UtcDateTime, mappers, metadata
from enterprise.domain.plan import Plan
from enterprise.domain.tenant import LONGEST_NAME, Kept, Tenant, TenantState


def _one_of(kind: type[Plan] | type[TenantState]) -> Enum:
    return Enum(
        kind, native_enum=False, length=16, values_callable=lambda members: [m.value for m in members]
    )


tenants = Table(
    "enterprise_tenants",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("slug", String(63), nullable=False, unique=True),
    Column("name", String(LONGEST_NAME), nullable=False),
    Column("plan", _one_of(Plan), nullable=False),
    Column("state", _one_of(TenantState), nullable=False),
    Column("quotas", Json, nullable=False),
    Column("retention_days", Json, nullable=False),
    Column("cut_offs", Json, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("version", Integer, nullable=False),
    info={"row_security": "id = nullif(current_setting('app.tenant_id', true), '')::uuid"},
)
usage = Table(
    "enterprise_usage",
    metadata,
    Column("tenant_id", Uuid, primary_key=True),
    Column("quota", String(40), primary_key=True),
    Column("period", String(20), primary_key=True),  # start of a flow's; empty for a stock
    Column("used", BigInteger, nullable=False),
)
exports = Table(
    "enterprise_exports",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("tenant_id", Uuid, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Index(None, "tenant_id", "created_at"),
    info={"retention": (Kept.EXPORTS, "created_at")},
)
audit = Table(
    "enterprise_audit",
    metadata,
    Column("tenant_id", Uuid, primary_key=True),
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("at", UtcDateTime, nullable=False),
    Column("action", String(80), nullable=False),
    Column("object_id", Uuid),
    Column("before", Text),  # canonical JSON, as it was sealed
    Column("after", Text),
    Column("user_id", Uuid),
    Column("key_id", Uuid),
    Column("request_id", String(120), nullable=False),
    Column("previous_hash", String(64), nullable=False),
    Column("hash", String(64), nullable=False),
    Index(None, "tenant_id", "at"),
    Index(None, "tenant_id", "object_id"),
)
heads = Table(
    "enterprise_audit_heads",
    metadata,
    Column("tenant_id", Uuid, primary_key=True),
    Column("number", BigInteger, nullable=False),
    Column("hash", String(64), nullable=False),
)
checkpoints = Table(
    "enterprise_audit_checkpoints",
    metadata,
    Column("tenant_id", Uuid, primary_key=True),
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("hash", String(64), nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("signature", String(64), nullable=False),
)
persons = Table(
    "enterprise_audit_person",
    metadata,
    Column("tenant_id", Uuid, primary_key=True),
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("user_id", Uuid, index=True),
    Column("address", String(64), nullable=False, info=PERSONAL),
    Column(
        "email", String(320), nullable=False, info=PERSONAL
    ),  # of who acted, or as typed at a log-in that failed
)
mappers.map_imperatively(Tenant, tenants, version_id_col=tenants.c.version)
