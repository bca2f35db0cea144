"""Storing and reading tenants."""

from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Select, delete, func, or_, select
from sqlalchemy.orm import Session

from core.application.quota import Quota
from core.domain.ids import PLATFORM, TenantId, UserId
from core.domain.page import Counting, Page
from core.infrastructure.database import Database, Purpose
from core.infrastructure.keyset import Order, sorts, total_of
from core.infrastructure.sql import SqlUnitOfWork, of_tenant
from enterprise.application.export_tenant import NoSuchExport
from enterprise.application.ports import EVERY_TENANT, ExportView, TenantFilter, TenantView, UsageView
from enterprise.domain.tenant import (
    CUT_OFFS,
    Tenant,
    TenantState,
    TenantSuspended,
    days_kept,
    limit_of,
    no_such_tenant,
)
from enterprise.infrastructure.quotas import SqlQuotaLedger
from enterprise.infrastructure.statements import insert_if_absent
from enterprise.infrastructure.tables import exports, persons, tenants

Cuts = tuple[float, float, float]
MOST_REMEMBERED = 10_000  # tenants
CUTS_REMEMBERED_S = 1.0
REMEMBERED_S = 0.1  # little: the authenticator remembers callers, and both together keep within a second


SORTS: dict[str, Order[TenantView]] = sorts(
    "tenants", {name: tenants.c[name] for name in ("slug", "name", "created_at")}, tenants.c.id
)


class SqlTenantUnitOfWork(SqlUnitOfWork):
    """``enterprise.application.ports.TenantUnitOfWork``. The table of tenants has an id where others have tenant_id."""

    def tenant(self) -> Tenant:
        mine = select(Tenant).where(tenants.c.id == self.tenant_id).with_for_update()
        found = self.session.scalar(mine)
        if found is None:
            raise no_such_tenant()
        return found

    def add_tenant(self, tenant: Tenant) -> None:
        self.session.add(tenant)

    def add_export(self, export: ExportView) -> None:
        insert_if_absent(self.session, exports, asdict(export) | {"tenant_id": self.tenant_id})

    def forget_person(self, user_id: UserId | None, email: str) -> int:
        theirs = [persons.c.user_id == user_id] if user_id else []
        if email:
            theirs.append(persons.c.email == email)
        gone = self.session.execute(self.mine(delete(persons).where(or_(False, *theirs))))
        return int(gone.rowcount)  # type: ignore[attr-defined]  # of a delete


@dataclass(frozen=True, slots=True)
class SqlTenants:
    """``enterprise.application.ports.TenantQueries``."""

    database: Database
    ledger: SqlQuotaLedger

    def get(self, tenant_id: TenantId) -> TenantView:
        with self.database.of_tenant(tenant_id) as session:
            return _of(session, tenant_id)

    def named(self, slug: str) -> TenantView | None:
        with self.database.as_system(Purpose.OPERATOR) as session:
            row = session.execute(select(tenants).where(tenants.c.slug == slug)).first()
        return None if row is None else _view(row)

    def usage(self, tenant_id: TenantId) -> list[UsageView]:
        with self.database.of_tenant(tenant_id) as session:
            limits = _of(session, tenant_id).quotas
            used = self.ledger.used_of_all(session, tenant_id)
        return [
            UsageView(quota, limits[quota], used[quota], self.ledger.reset(quota))
            for quota in Quota
            if quota is not Quota.REQUESTS_PER_MINUTE
        ]

    def of_all(
        self,
        wanted: TenantFilter = EVERY_TENANT,
        *,
        sort: str = "-created_at",
        limit: int,
        cursor: str | None,
        count: Counting | None = None,
    ) -> Page[TenantView]:
        statement, order = _filtered(wanted), SORTS[sort]
        with self.database.as_system(Purpose.OPERATOR) as session:
            rows = session.execute(order.cut(statement, limit, cursor)).all()
            total = total_of(session, statement, count)
        return order.page([_view(row) for row in rows], limit, total)

    def export(self, tenant_id: TenantId, export_id: UUID) -> ExportView:
        columns = [exports.c[name] for name in ExportView.__dataclass_fields__]
        wanted = of_tenant(select(*columns).where(exports.c.id == export_id), tenant_id)
        with self.database.of_tenant(tenant_id) as session:
            row = session.execute(wanted).first()
        if row is None:
            raise NoSuchExport("There is no export with that id.", fix="It may have expired: make a new one.")
        return ExportView(**row._asdict())


def _filtered(wanted: TenantFilter) -> Select[Any]:
    statement = select(tenants)
    if wanted.search:
        named = (
            func.lower(column).contains(wanted.search.lower(), autoescape=True)
            for column in (tenants.c.slug, tenants.c.name)
        )
        statement = statement.where(or_(*named))
    for column, value in ((tenants.c.state, wanted.state), (tenants.c.plan, wanted.plan)):
        if value:
            statement = statement.where(column == value)
    return statement


@dataclass(frozen=True, slots=True)
class RememberedStates:
    """``enterprise.application.ports.TenantStates``."""

    database: Database
    monotonic: Callable[[], float]
    _known: dict[TenantId, tuple[float, TenantState]] = field(default_factory=dict)

    def of(self, tenant_id: TenantId) -> TenantState:
        now = self.monotonic()
        asked, state = self._known.get(tenant_id, (-REMEMBERED_S, TenantState.CLOSED))
        if tenant_id == PLATFORM:
            return TenantState.ACTIVE
        if now - asked < REMEMBERED_S and tenant_id in self._known:
            return state
        with self.database.of_tenant(tenant_id) as session:
            found: TenantState | None = session.scalar(
                select(tenants.c.state).where(tenants.c.id == tenant_id)
            )
        if found is None:
            self._known.pop(tenant_id, None)
            return TenantState.CLOSED
        self._known[tenant_id] = now, found
        return found

    def check(self, tenant_id: TenantId) -> None:
        state = self.of(tenant_id)
        if state is not TenantState.ACTIVE:
            raise TenantSuspended(f"It is {state}.", fix="Ask the operator of this installation.")


def _of(session: Session, tenant_id: TenantId) -> TenantView:
    row = session.execute(select(tenants).where(tenants.c.id == tenant_id)).first()
    if row is None:
        raise no_such_tenant()
    return _view(row)


@dataclass(frozen=True, slots=True)
class RememberedCutOffs:
    """``enterprise.application.ports.TenantCutOffs``."""

    database: Database
    monotonic: Callable[[], float]
    _known: dict[TenantId, tuple[float, Cuts]] = field(default_factory=dict)

    def __call__(self, tenant_id: TenantId) -> Cuts:
        known = self.at_once(tenant_id)
        if known is not None:
            return known
        with self.database.of_tenant(tenant_id) as session:
            found = session.scalar(select(tenants.c.cut_offs).where(tenants.c.id == tenant_id))
        low, _, high, critical = found or CUT_OFFS
        if len(self._known) >= MOST_REMEMBERED:
            self._known.clear()
        self._known[tenant_id] = self.monotonic(), (low, high, critical)
        return low, high, critical

    def at_once(self, tenant_id: TenantId) -> Cuts | None:
        asked, cuts = self._known.get(tenant_id, (0.0, None))
        return cuts if self.monotonic() - asked < CUTS_REMEMBERED_S else None


def _view(row: Row[Any]) -> TenantView:
    values = row._asdict()
    return TenantView(
        **values
        | {
            "quotas": {quota: limit_of(row.plan, row.quotas, quota) for quota in Quota},
            "retention_days": days_kept(row.retention_days),
            "cut_offs": tuple(row.cut_offs),
        }
    )
