"""The read side of points."""

from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from sqlalchemy import Row, select

from anomaly_detection.application.points.ports import PointFilter, SourceModel
from anomaly_detection.domain.points.point import Point
from anomaly_detection.infrastructure.points.tables import point_sources, points
from core.domain.ids import TenantId
from core.domain.page import Counting, Page
from core.infrastructure.database import Database
from core.infrastructure.keyset import Order, newest_first, total_of
from core.infrastructure.sql import of_tenant

LATEST: Order[Point] = newest_first("points", points.c.at, points.c.id, lambda point: (point.at, point.id))


@dataclass(frozen=True, slots=True)
class SqlPointQueries:
    """``application.points.ports.PointQueries``."""

    database: Database

    def at(self, tenant_id: TenantId, source_id: str, at: datetime) -> Point | None:
        wanted = select(points).where(points.c.source_id == source_id, points.c.at == at)
        with self.database.of_tenant(tenant_id) as session:
            row = session.execute(of_tenant(wanted, tenant_id)).one_or_none()
        return None if row is None else _point(row)

    def page(
        self,
        tenant_id: TenantId,
        wanted: PointFilter,
        *,
        limit: int,
        cursor: str | None,
        count: Counting | None = None,
    ) -> Page[Point]:
        found = of_tenant(select(points), tenant_id)
        if wanted.source_id is not None:
            found = found.where(points.c.source_id == wanted.source_id)
        if wanted.start is not None:
            found = found.where(points.c.at >= wanted.start)
        if wanted.end is not None:
            found = found.where(points.c.at < wanted.end)
        if wanted.is_anomaly is not None:
            found = found.where(points.c.is_anomaly == wanted.is_anomaly)
        with self.database.of_tenant(tenant_id) as session:
            rows = session.execute(LATEST.cut(found, limit, cursor)).all()
            total = total_of(session, found, count)
        return LATEST.page([_point(row) for row in rows], limit, total)

    def model_of(self, tenant_id: TenantId, source_id: str) -> SourceModel | None:
        wanted = select(point_sources).where(point_sources.c.source_id == source_id)
        with self.database.of_tenant(tenant_id) as session:
            row = session.execute(of_tenant(wanted, tenant_id)).one_or_none()
        return None if row is None else SourceModel(row.source_id, row.model_reference, row.set_at)


def _point(row: Row[Any]) -> Point:
    return Point(**{field.name: getattr(row, field.name) for field in fields(Point)})
