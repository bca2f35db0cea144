"""The read side of detectors."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, fields
from typing import Any
from uuid import UUID

from sqlalchemy import Row, select

from anomaly_detection.application.configuration_values import restored_configuration
from anomaly_detection.application.definitions.ports import DetectorView
from anomaly_detection.application.definitions.reading import NamedDetector
from anomaly_detection.domain.definitions.detector_definition import no_detector
from anomaly_detection.domain.ids import DetectorId
from anomaly_detection.infrastructure.definitions.sql import named
from anomaly_detection.infrastructure.definitions.tables import detectors
from core.domain.ids import TenantId
from core.domain.page import Counting, Page
from core.infrastructure.database import Database
from core.infrastructure.keyset import Order, total_of
from core.infrastructure.sql import of_tenant

COLUMNS = {"created_at": detectors.c.created_at, "name": detectors.c.name}


@dataclass(frozen=True, slots=True)
class SqlDetectorQueries:
    """``application.definitions.ports.DetectorQueries`` and ``reading.DetectorReader``."""

    database: Database

    def get(self, tenant_id: TenantId, reference: str) -> DetectorView:
        wanted = of_tenant(select(detectors).where(named(reference)), tenant_id)
        with self.database.of_tenant(tenant_id) as session:
            row = session.execute(wanted).one_or_none()
        if row is None:
            raise no_detector(reference)
        return _view(row)

    def named(self, tenant_id: TenantId, ids: Collection[DetectorId]) -> Mapping[UUID, DetectorView]:
        wanted = of_tenant(select(detectors).where(detectors.c.id.in_(ids)), tenant_id)
        with self.database.of_tenant(tenant_id) as session:
            return {row.id: _view(row) for row in session.execute(wanted)} if ids else {}

    def page(
        self, tenant_id: TenantId, *, sort: str, limit: int, cursor: str | None, count: Counting | None = None
    ) -> Page[DetectorView]:
        name, down = sort.removeprefix("-"), sort.startswith("-")
        order: Order[DetectorView] = Order(
            f"detectors{sort}",
            ((COLUMNS[name], down), (detectors.c.id, down)),
            lambda view: (getattr(view, name), view.id),
        )
        wanted = of_tenant(select(detectors), tenant_id)
        with self.database.of_tenant(tenant_id) as session:
            rows = session.execute(order.cut(wanted, limit, cursor)).all()
            total = total_of(session, wanted, count)
        return order.page([_view(row) for row in rows], limit, total)

    def detector(self, tenant_id: TenantId, reference: str) -> NamedDetector:
        view = self.get(tenant_id, reference)
        return NamedDetector(
            id=view.id,
            slug=view.slug,
            name=view.name,
            configuration=restored_configuration(view.configuration),
            dataset_id=view.dataset_id,
        )


def _view(row: Row[Any]) -> DetectorView:
    return DetectorView(**{field.name: getattr(row, field.name) for field in fields(DetectorView)})
