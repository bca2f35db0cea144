"""Who is asking, on whose behalf, from where, and what they may do."""

from dataclasses import dataclass, replace
from typing import Self

from core.domain.errors import Forbidden
from core.domain.ids import JobId, KeyId, TenantId, UserId


@dataclass(frozen=True, slots=True)
class JobClaim:
    """One attempt at a job. What it stores counts only while the claim holds."""

    job_id: JobId
    attempt: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """A person, an API key, a job, or the console of the machine we run on (neither user nor key)."""

    tenant_id: TenantId
    permissions: frozenset[str] = frozenset()
    user_id: UserId | None = None
    key_id: KeyId | None = None
    request_id: str = ""
    address: str = ""  # of the peer; personal data
    claim: JobClaim | None = None

    def may(self, permission: str) -> bool:
        return permission in self.permissions

    def require(self, permission: str) -> None:
        """Raises Forbidden."""
        if not self.may(permission):
            raise Forbidden(
                f"This needs the permission {permission}.",
                fix="Ask an administrator of your tenant for a role that has it.",
                permission=permission,
            )

    def within(self, tenant_id: TenantId) -> Self:
        """The same caller in another tenant: for the platform's own commands, never for a tenant's."""
        return replace(self, tenant_id=tenant_id)
