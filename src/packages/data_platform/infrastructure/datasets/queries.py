"""The read side of datasets and sources: rows straight into views."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, fields
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import Row, Select, and_, func, or_, select
from sqlalchemy.orm import Session

from core.domain.ids import TenantId
from core.domain.page import Counting, Page
from core.infrastructure.database import Database
from core.infrastructure.keyset import Order, newest_first, total_of
from core.infrastructure.sql import of_tenant
from data_platform.application.datasets.ports import DatasetView, NewestVersions, SourceView, VersionView
from data_platform.domain.datasets.dataset import DatasetVersionNotFound, no_dataset
from data_platform.domain.datasets.failure import VersionFailure
from data_platform.domain.datasets.ids import DatasetId
from data_platform.domain.datasets.source import no_source
from data_platform.domain.datasets.stored_checks import scopes, stored_quality
from data_platform.infrastructure.datasets.sql import named
from data_platform.infrastructure.datasets.tables import datasets, sources, versions

V = TypeVar("V", DatasetView, SourceView)

NEWEST: Order[DatasetView] = newest_first(
    "datasets", datasets.c.created_at, datasets.c.id, lambda view: (view.created_at, view.id)
)


def _by(name: str, *, descending: bool) -> Order[DatasetView]:
    return Order(
        f"datasets-{'-' * descending}{name}",
        ((datasets.c[name], descending), (datasets.c.id, descending)),
        lambda view: (getattr(view, name), view.id),
    )


SORTS: dict[str, Order[DatasetView]] = {
    "-created_at": NEWEST,
    "name": _by("name", descending=False),
    "-name": _by("name", descending=True),
    "rows": _by("rows", descending=False),
    "-rows": _by("rows", descending=True),
}
VERSIONS: Order[VersionView] = Order(
    "dataset-versions",
    ((versions.c.number, True), (versions.c.id, True)),
    lambda view: (view.number, view.id),
)
SOURCES: Order[SourceView] = newest_first(
    "sources", sources.c.created_at, sources.c.id, lambda view: (view.created_at, view.id)
)


@dataclass(frozen=True, slots=True)
class SqlDatasetQueries:
    """``application.datasets.ports.DatasetQueries``."""

    database: Database

    def page(
        self,
        tenant_id: TenantId,
        *,
        search: str | None,
        sort: str,
        limit: int,
        cursor: str | None,
        count: Counting | None = None,
    ) -> Page[DatasetView]:
        wanted = of_tenant(select(datasets), tenant_id)
        if search:
            found = (
                func.lower(c).contains(search.lower(), autoescape=True)
                for c in (datasets.c.name, datasets.c.slug)
            )
            wanted = wanted.where(or_(*found))
        order = SORTS[sort]
        with self.database.of_tenant(tenant_id) as session:
            rows = session.execute(order.cut(wanted, limit, cursor)).all()
            total = total_of(session, wanted, count)
        return order.page([_view(DatasetView, row) for row in rows], limit, total)

    def get(self, tenant_id: TenantId, reference: str) -> DatasetView:
        with self.database.of_tenant(tenant_id) as session:
            return _view(DatasetView, _dataset(session, tenant_id, reference))

    def present(self, tenant_id: TenantId, dataset_ids: Collection[UUID]) -> Collection[UUID]:
        wanted = of_tenant(select(datasets.c.id).where(datasets.c.id.in_(dataset_ids)), tenant_id)
        with self.database.of_tenant(tenant_id) as session:
            return set(session.scalars(wanted))

    def newest(
        self, tenant_id: TenantId, dataset_ids: Collection[DatasetId]
    ) -> Mapping[DatasetId, NewestVersions]:
        is_one = or_(
            versions.c.number == datasets.c.ready_number, versions.c.number == datasets.c.latest_number
        )
        joined = versions.join(datasets, and_(datasets.c.id == versions.c.dataset_id, is_one))
        columns = (datasets.c.id, datasets.c.ready_number, datasets.c.latest_number)
        of_version = (
            versions.c.number,
            versions.c.state,
            versions.c.created_at,
            versions.c.quality,
            versions.c.columns,
        )
        wanted = of_tenant(select(*columns, *of_version).select_from(joined), tenant_id)
        with self.database.of_tenant(tenant_id) as session:
            rows = session.execute(wanted.where(datasets.c.id.in_(dataset_ids))).all()
        last = {row.id: row for row in rows if row.number == row.latest_number}
        ready = {row.id: row for row in rows if row.number == row.ready_number}
        return {
            DatasetId(key): NewestVersions(
                state=row.state,
                stored_at=ready[key].created_at if key in ready else None,
                columns=len(ready[key].columns) if key in ready else 0,
                quality=ready[key].quality if key in ready else None,
            )
            for key, row in last.items()
        }

    def versions(
        self,
        tenant_id: TenantId,
        reference: str,
        *,
        limit: int,
        cursor: str | None,
        count: Counting | None = None,
    ) -> Page[VersionView]:
        with self.database.of_tenant(tenant_id) as session:
            dataset = _dataset(session, tenant_id, reference)
            wanted = _versions(tenant_id).where(versions.c.dataset_id == dataset.id)
            rows = session.execute(VERSIONS.cut(wanted, limit, cursor)).all()
            total = total_of(session, wanted, count)
        return VERSIONS.page([_version(row) for row in rows], limit, total)

    def version(self, tenant_id: TenantId, reference: str, number: int | None) -> VersionView:
        with self.database.of_tenant(tenant_id) as session:
            dataset = _dataset(session, tenant_id, reference)
            number = dataset.ready_number if number is None else number
            mine = _versions(tenant_id).where(versions.c.dataset_id == dataset.id)
            row = session.execute(mine.where(versions.c.number == number)).one_or_none()
        if row is None:
            detail = f"It has no version {number}." if number else "None of its versions can be read yet."
            raise DatasetVersionNotFound(
                detail, fix=f"List them: GET /api/v1/datasets/{dataset.slug}/versions."
            )
        return _version(row)

    def version_of(self, tenant_id: TenantId, version_id: UUID) -> VersionView:
        with self.database.of_tenant(tenant_id) as session:
            row = session.execute(_versions(tenant_id).where(versions.c.id == version_id)).one_or_none()
        if row is None:
            raise DatasetVersionNotFound("It was deleted, or never was.")
        return _version(row)

    def with_content(self, tenant_id: TenantId, reference: str, content_hash: str) -> VersionView | None:
        with self.database.of_tenant(tenant_id) as session:
            dataset = _dataset(session, tenant_id, reference)
            mine = _versions(tenant_id).where(versions.c.dataset_id == dataset.id)
            row = session.execute(mine.where(versions.c.content_hash == content_hash)).one_or_none()
        return None if row is None else _version(row)

    def sources(
        self, tenant_id: TenantId, *, limit: int, cursor: str | None, count: Counting | None = None
    ) -> Page[SourceView]:
        wanted = of_tenant(select(sources), tenant_id)
        with self.database.of_tenant(tenant_id) as session:
            rows = session.execute(SOURCES.cut(wanted, limit, cursor)).all()
            total = total_of(session, wanted, count)
        return SOURCES.page([_view(SourceView, row) for row in rows], limit, total)

    def source(self, tenant_id: TenantId, reference: str) -> SourceView:
        wanted = of_tenant(select(sources).where(named(sources, "src", reference)), tenant_id)
        with self.database.of_tenant(tenant_id) as session:
            row = session.execute(wanted).one_or_none()
        if row is None:
            raise no_source(reference)
        return _view(SourceView, row)


def _dataset(session: Session, tenant_id: TenantId, reference: str) -> Row[Any]:
    """Raises DatasetNotFound."""
    wanted = of_tenant(select(datasets).where(named(datasets, "ds", reference)), tenant_id)
    row = session.execute(wanted).one_or_none()
    if row is None:
        raise no_dataset(reference)
    return row


def _versions(tenant_id: TenantId) -> Select[Any]:
    joined = versions.join(datasets, datasets.c.id == versions.c.dataset_id)
    columns = (datasets.c.slug.label("dataset"), datasets.c.columns.label("choices"), datasets.c.checks_off)
    return of_tenant(select(versions, *columns).select_from(joined), tenant_id)


def _version(row: Row[Any]) -> VersionView:
    """Its quality is counted as the checks are switched now: stored is what it was when it was profiled."""
    found = {
        each.name: getattr(row, each.name) for each in fields(VersionView) if each.name != "last_profile"
    }
    profile = None if row.quality is None else row.profile
    quality = None if profile is None else stored_quality(profile, scopes(row.checks_off))
    error = None if row.error is None else VersionFailure.restored(row.error)
    known = {"profile": profile, "last_profile": row.profile, "quality": quality, "error": error}
    return VersionView(**(found | known))


def _view(kind: type[V], row: Row[Any]) -> V:
    return kind(**{field.name: getattr(row, field.name) for field in fields(kind)})
