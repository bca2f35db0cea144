from dataclasses import asdict

from sqlalchemy import delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from anomaly_detection.application.points.ports import SourceModel
from anomaly_detection.domain.points.point import Point
from anomaly_detection.infrastructure.points.tables import point_sources, points
from core.infrastructure.sql import Duplicate, SqlUnitOfWork, is_duplicate


class SqlPointsUnitOfWork(SqlUnitOfWork):
    """``application.points.ports.PointsUnitOfWork``."""

    def add_point(self, point: Point) -> bool:
        try:
            self.session.execute(insert(points).values(asdict(point) | {"tenant_id": self.tenant_id}))
        except IntegrityError as error:
            if is_duplicate(error):
                return False
            raise
        return True

    def model_of(self, source_id: str) -> SourceModel | None:
        wanted = select(point_sources).where(point_sources.c.source_id == source_id)
        row = self.session.execute(self.mine(wanted).with_for_update()).one_or_none()
        return None if row is None else SourceModel(row.source_id, row.model_reference, row.set_at)

    def set_model(self, model: SourceModel) -> None:
        values = asdict(model)
        changed = update(point_sources).where(point_sources.c.source_id == model.source_id).values(values)
        if self.session.execute(self.mine(changed).returning(point_sources.c.source_id)).first():
            return
        try:
            self.session.execute(insert(point_sources).values(values | {"tenant_id": self.tenant_id}))
        except IntegrityError as error:
            if is_duplicate(error):
                raise Duplicate("Someone else set it just now.", fix="Repeat.") from error
            raise

    def remove_model(self, source_id: str) -> None:
        wanted = delete(point_sources).where(point_sources.c.source_id == source_id)
        self.session.execute(self.mine(wanted))
