from typing import Any

from sqlalchemy import select

from anomaly_detection.domain.definitions.detector_definition import DetectorDefinition, no_detector
from anomaly_detection.infrastructure.definitions.tables import detectors
from core.domain.public_ids import parsed
from core.infrastructure.sql import SqlUnitOfWork


class SqlDefinitionsUnitOfWork(SqlUnitOfWork):
    """``application.definitions.ports.DefinitionsUnitOfWork``."""

    def detector(self, reference: str) -> DetectorDefinition:
        detector = self.one(select(DetectorDefinition).where(named(reference)).with_for_update())
        if detector is None:
            raise no_detector(reference)
        return detector

    def is_taken(self, slug: str) -> bool:
        return self.one(select(DetectorDefinition).where(detectors.c.slug == slug)) is not None

    def delete(self, aggregate: DetectorDefinition) -> None:
        self.session.delete(aggregate)


def named(reference: str) -> Any:
    """The condition that a row is the one of that id or slug."""
    id_ = parsed("det", reference)
    if id_ is not None:
        return detectors.c.id == id_
    # PostgreSQL refuses text with NUL where SQLite finds nothing.
    return detectors.c.slug == reference.replace("\x00", "\ufffd")
