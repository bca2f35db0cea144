"""The read side of the registry: rows straight into views."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import Row, Select, Table, func, or_, select
from sqlalchemy.orm import Session

from core.domain.ids import TenantId
from core.domain.page import Counting, Page
from core.infrastructure.database import Database
from core.infrastructure.keyset import Order, newest_first, total_of
from core.infrastructure.sql import of_tenant
from machine_learning.application.registry.ports import AliasMove, ModelView, ThresholdMove, VersionView
from machine_learning.domain.registry.model import no_model
from machine_learning.domain.registry.reference import ModelReference
from machine_learning.domain.registry.version import rate_in_force
from machine_learning.infrastructure.registry.sql import named, no_version
from machine_learning.infrastructure.registry.tables import models, moves, runs, threshold_moves, versions

SHOWN_VERSIONS = 10  # of each model in a list; all of them have a list of their own

SORTS: dict[str, tuple[Any, bool]] = {
    "slug": (models.c.slug, False),
    "-slug": (models.c.slug, True),
    "created_at": (models.c.created_at, False),
    "-created_at": (models.c.created_at, True),
}
VERSIONS: Order[VersionView] = Order(
    "versions", ((versions.c.number, True), (versions.c.id, True)), lambda view: (view.number, view.id)
)
MOVES: Mapping[type[Any], tuple[Table, Order[Row[Any]]]] = {
    kind: (table, newest_first(name, table.c.at, table.c.id, lambda row: (row.at, row.id)))
    for kind, table, name in (
        (AliasMove, moves, "alias-moves"),
        (ThresholdMove, threshold_moves, "threshold-moves"),
    )
}
M = TypeVar("M", AliasMove, ThresholdMove)


@dataclass(frozen=True, slots=True)
class SqlModelQueries:
    """Models, versions and aliases of one tenant."""

    database: Database

    def models(
        self,
        tenant_id: TenantId,
        *,
        sort: str,
        limit: int,
        cursor: str | None,
        search: str | None = None,
        count: Counting | None = None,
    ) -> Page[ModelView]:
        """``sort`` is one of ``SORTS``. Raises InvalidCursor."""
        column, down = SORTS[sort]
        name = column.name
        order: Order[ModelView] = Order(
            f"models{sort}",
            ((column, down), (models.c.id, down)),
            lambda view: (getattr(view, name), view.id),
        )
        wanted = of_tenant(select(models), tenant_id)
        if search:
            texts = (models.c.name, models.c.slug)
            wanted = wanted.where(
                or_(*(func.lower(text).contains(search.lower(), autoescape=True) for text in texts))
            )
        with self.database.of_tenant(tenant_id) as session:
            found = session.execute(order.cut(wanted, limit, cursor)).all()
            total = total_of(session, wanted, count)
            return order.page(_model_views(session, tenant_id, found), limit, total)

    def model(self, tenant_id: TenantId, reference: str) -> ModelView:
        """Raises ModelNotFound."""
        with self.database.of_tenant(tenant_id) as session:
            return _model_views(session, tenant_id, [_model_row(session, tenant_id, reference)])[0]

    def versions(
        self,
        tenant_id: TenantId,
        reference: str,
        *,
        limit: int,
        cursor: str | None,
        count: Counting | None = None,
    ) -> Page[VersionView]:
        """Newest first. Raises ModelNotFound, InvalidCursor."""
        with self.database.of_tenant(tenant_id) as session:
            model = _model_row(session, tenant_id, reference)
            wanted = _versions(tenant_id).where(versions.c.model_id == model.id)
            rows = session.execute(VERSIONS.cut(wanted, limit, cursor)).all()
            total = total_of(session, wanted, count)
        return VERSIONS.page([_version_view(row) for row in rows], limit, total)

    def version(self, tenant_id: TenantId, reference: str, number: int) -> VersionView:
        """Raises ModelNotFound, VersionNotFound."""
        with self.database.of_tenant(tenant_id) as session:
            model = _model_row(session, tenant_id, reference)
            wanted = _versions(tenant_id).where(versions.c.model_id == model.id, versions.c.number == number)
            row = session.execute(wanted).one_or_none()
        if row is None:
            raise no_version(model.slug, number)
        return _version_view(row)

    def alias_moves(
        self,
        tenant_id: TenantId,
        reference: str,
        *,
        limit: int,
        cursor: str | None,
        count: Counting | None = None,
    ) -> Page[AliasMove]:
        """Newest first. Raises ModelNotFound, InvalidCursor."""
        return self._moves(AliasMove, tenant_id, reference, cut=(limit, cursor, count))

    def threshold_moves(
        self,
        tenant_id: TenantId,
        reference: str,
        *,
        limit: int,
        cursor: str | None,
        count: Counting | None = None,
    ) -> Page[ThresholdMove]:
        """Newest first. Raises ModelNotFound, InvalidCursor."""
        return self._moves(ThresholdMove, tenant_id, reference, cut=(limit, cursor, count))

    def _moves(
        self,
        kind: type[M],
        tenant_id: TenantId,
        reference: str,
        *,
        cut: tuple[int, str | None, Counting | None],
    ) -> Page[M]:
        table, order = MOVES[kind]
        limit, cursor, count = cut
        with self.database.of_tenant(tenant_id) as session:
            model = _model_row(session, tenant_id, reference)
            mine = of_tenant(select(table).where(table.c.model_id == model.id), tenant_id)
            rows = session.execute(order.cut(mine, limit, cursor)).all()
            page = order.page(rows, limit, total_of(session, mine, count))
        fields = kind.__dataclass_fields__
        return page.of([kind(**{name: getattr(row, name) for name in fields}) for row in page.items])


def _model_row(session: Session, tenant_id: TenantId, reference: str) -> Row[Any]:
    """Raises ModelNotFound."""
    wanted = of_tenant(select(models).where(named(ModelReference.of(reference))), tenant_id)
    row = session.execute(wanted).one_or_none()
    if row is None:
        raise no_model(reference)
    return row


def _model_views(session: Session, tenant_id: TenantId, found: Sequence[Row[Any]]) -> list[ModelView]:
    ids = [row.id for row in found]
    newest = _versions(tenant_id).where(
        versions.c.model_id.in_(ids), versions.c.number > models.c.latest_number - SHOWN_VERSIONS
    )
    by_model: dict[UUID, list[VersionView]] = {}
    for row in session.execute(newest.order_by(versions.c.number.desc())):
        by_model.setdefault(row.model_id, []).append(_version_view(row))
    return [
        ModelView(
            id=row.id,
            slug=row.slug,
            name=row.name,
            description=row.description,
            aliases=row.aliases,
            former_champions=row.former_champions,
            latest_number=row.latest_number,
            versions=tuple(by_model.get(row.id, ())),
            created_at=row.created_at,
            version=row.version,
        )
        for row in found
    ]


def _versions(tenant_id: TenantId) -> Select[Any]:
    joined = versions.join(models, models.c.id == versions.c.model_id).join(
        runs, runs.c.id == versions.c.training_run_id
    )
    columns = (models.c.slug.label("model"), models.c.aliases, runs.c.dataset)
    return of_tenant(select(versions, *columns).select_from(joined), tenant_id)


def _version_view(row: Row[Any]) -> VersionView:
    fields = VersionView.__dataclass_fields__.keys() - {"aliases", "alert_rate"}
    values: dict[str, Any] = {name: getattr(row, name) for name in fields}
    rate = rate_in_force(row.summary, row.moved_alert_rate)
    return VersionView(**values, aliases=_names(row.aliases, row.number), alert_rate=rate)


def _names(aliases: Mapping[str, int], number: int) -> tuple[str, ...]:
    named_so: Iterable[str] = (name for name, n in aliases.items() if n == number)
    return tuple(sorted(named_so))
