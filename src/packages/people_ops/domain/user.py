"""A person: one e-mail in the whole installation, with memberships in tenants."""

from dataclasses import dataclass, field
from datetime import datetime

from core.domain.ids import TenantId, UserId


@dataclass(eq=False, kw_only=True)
class User:
    """``password_hash`` is empty until the first password is set; ``totp_seed`` is encrypted, empty without a second
    factor; ``token_version`` goes up whenever all sessions must end."""

    id: UserId
    email: str  # lower case
    name: str
    password_hash: str = ""
    totp_seed: str = ""
    disabled_at: datetime | None = None
    created_at: datetime
    last_login_at: datetime | None = None
    version: int = 1


@dataclass(eq=False, kw_only=True)
class Membership:
    """What a user is in one tenant: names of built-in or custom roles."""

    user_id: UserId
    tenant_id: TenantId
    roles: list[str] = field(default_factory=list)
    disabled_at: datetime | None = None
    created_at: datetime
    version: int = 1
