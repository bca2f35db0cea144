"""What points need from outside."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from anomaly_detection.domain.points.point import Point
from core.application.uow import UnitOfWork
from core.domain.actor import Actor
from core.domain.ids import TenantId
from core.domain.page import Counting, Page


@dataclass(frozen=True, slots=True, kw_only=True)
class PointFilter:
    """None: all. ``start`` belongs to the time that is asked for, ``end`` does not."""

    source_id: str | None = None
    start: datetime | None = None
    end: datetime | None = None
    is_anomaly: bool | None = None


@dataclass(frozen=True, slots=True)
class SourceModel:
    """``source_id`` is empty for the tenant's default."""

    source_id: str
    model_reference: str
    set_at: datetime


class PointQueries(Protocol):
    def at(self, tenant_id: TenantId, source_id: str, at: datetime) -> Point | None: ...

    def page(
        self,
        tenant_id: TenantId,
        wanted: PointFilter,
        *,
        limit: int,
        cursor: str | None,
        count: Counting | None = None,
    ) -> Page[Point]:
        """The latest time first. Raises InvalidCursor."""

    def model_of(self, tenant_id: TenantId, source_id: str) -> SourceModel | None:
        """The model of that very source, without the default."""


class PointsUnitOfWork(UnitOfWork, Protocol):
    def add_point(self, point: Point) -> bool:
        """False where the source has a point of that time already."""

    def model_of(self, source_id: str) -> SourceModel | None:
        """Locked until the end."""

    def set_model(self, model: SourceModel) -> None: ...

    def remove_model(self, source_id: str) -> None: ...


PointsTransaction = Callable[[Actor], PointsUnitOfWork]
