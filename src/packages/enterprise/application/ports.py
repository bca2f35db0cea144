"""What the use cases of tenants need from storage, and the views that reads answer with."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol
from uuid import UUID

from core.application.quota import Quota
from core.application.uow import UnitOfWork
from core.domain.ids import KeyId, TenantId, UserId
from core.domain.page import Counting, Page
from enterprise.domain.audit_chain import Head, Verification
from enterprise.domain.plan import Plan
from enterprise.domain.tenant import Kept, Tenant, TenantState


@dataclass(frozen=True, slots=True, kw_only=True)
class TenantView:
    id: TenantId
    slug: str
    name: str
    plan: Plan
    state: TenantState
    quotas: Mapping[Quota, int | None]
    retention_days: Mapping[Kept, int]
    cut_offs: tuple[float, ...]
    created_at: datetime
    version: int


@dataclass(frozen=True, slots=True)
class UsageView:
    """``limit`` None: unlimited. ``reset`` None: a stock, which is held until it is given back."""

    quota: Quota
    limit: int | None
    used: int
    reset: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportView:
    id: UUID
    size: int
    sha256: str
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditView:
    number: int
    at: datetime
    action: str
    object_id: UUID | None
    before: Any
    after: Any
    user_id: UserId | None
    key_id: KeyId | None
    request_id: str
    address: str | None  # None: none was known, or it was erased
    email: str | None
    hash: str
    name: str | None = None  # of who acted, as it is now


@dataclass(frozen=True, slots=True)
class AuditFilter:
    """What is None does not matter. ``since`` is included, ``until`` is not; ``who`` is a part of the e-mail."""

    action: str | None = None
    user_id: UserId | None = None
    object_id: UUID | None = None
    since: datetime | None = None
    until: datetime | None = None
    who: str | None = None


@dataclass(frozen=True, slots=True)
class TenantFilter:
    """Empty: all. ``search`` is a part of the slug or the name."""

    search: str = ""
    state: str = ""
    plan: str = ""


EVERY_TENANT = TenantFilter()


class TenantUnitOfWork(UnitOfWork, Protocol):
    def tenant(self) -> Tenant:
        """The actor's, locked. Raises NoSuchTenant."""

    def add_tenant(self, tenant: Tenant) -> None: ...
    def add_export(self, export: ExportView) -> None:
        """An attempt that is repeated stores it once."""

    def forget_person(self, user_id: UserId | None, email: str) -> int:
        """How many audit entries no longer say whose they are."""


class TenantQueries(Protocol):
    def get(self, tenant_id: TenantId) -> TenantView:
        """Raises NoSuchTenant."""

    def named(self, slug: str) -> TenantView | None: ...
    def usage(self, tenant_id: TenantId) -> list[UsageView]:
        """Raises NoSuchTenant."""

    def of_all(
        self,
        wanted: TenantFilter = EVERY_TENANT,
        *,
        sort: str = "-created_at",
        limit: int,
        cursor: str | None,
        count: Counting | None = None,
    ) -> Page[TenantView]:
        """For operators. Raises InvalidCursor."""

    def export(self, tenant_id: TenantId, export_id: UUID) -> ExportView:
        """Raises NoSuchExport."""


class TenantStates(Protocol):
    def of(self, tenant_id: TenantId) -> TenantState:
        """As it was a moment ago; a tenant that is not there is closed."""

    def check(self, tenant_id: TenantId) -> None:
        """Raises TenantSuspended."""


class TenantCutOffs(Protocol):
    def __call__(self, tenant_id: TenantId) -> tuple[float, float, float]:
        """Where low, high and critical begin, as it was a second ago."""

    def at_once(self, tenant_id: TenantId) -> tuple[float, float, float] | None:
        """None where it is not remembered."""


class AuditQueries(Protocol):
    def page(
        self,
        tenant_id: TenantId,
        wanted: AuditFilter,
        *,
        sort: str = "-number",
        limit: int,
        cursor: str | None,
        count: Counting | None = None,
    ) -> Page[AuditView]:
        """Raises InvalidCursor."""

    def all(self, tenant_id: TenantId, wanted: AuditFilter) -> Iterator[AuditView]:
        """The oldest first, in constant memory."""

    def verification(self, tenant_id: TenantId) -> Verification: ...


class Archive(Protocol):
    """All that belongs to a tenant, whatever the context."""

    def write(self, tenant_id: TenantId, path: Path) -> Mapping[str, int]:
        """One zip archive without secrets; rows per table."""

    def count(self, tenant_id: TenantId) -> Mapping[str, int]:
        """Rows per table that ``remove`` would delete."""

    def remove(self, tenant: TenantView, record: "DeletionRecord") -> Mapping[str, int]:
        """Delete every row in one transaction that also takes the record down in the platform's chain."""


class DeletionRecord(Protocol):
    def __call__(self, session: Any, head: Head | None, rows: Mapping[str, int]) -> None: ...
