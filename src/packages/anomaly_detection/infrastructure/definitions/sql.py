from typing import Any

from sqlalchemy import select

from anomaly_detection.domain.definitions.detector_definition import (
    DetectorDefinition,
    NotItsRun,
    no_detector,
)
from anomaly_detection.domain.ids import RunId
from anomaly_detection.domain.runs.run import no_run, not_finished
from anomaly_detection.infrastructure.definitions.tables import detectors
from anomaly_detection.infrastructure.runs.tables import runs
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

    def require_run(self, detector: DetectorDefinition, run_id: RunId) -> None:
        wanted = select(runs.c.detector_id, runs.c.finished_at).where(runs.c.id == run_id).with_for_update()
        found = self.session.execute(self.mine(wanted)).one_or_none()
        if found is None:
            raise no_run()
        if found.detector_id != detector.id:
            raise NotItsRun("Something else scored that run.", fix="Choose a run that this detector made.")
        if found.finished_at is None:
            raise not_finished()

    def delete(self, aggregate: DetectorDefinition) -> None:
        self.session.delete(aggregate)


def named(reference: str) -> Any:
    """The condition that a row is the one of that id or slug."""
    id_ = parsed("det", reference)
    if id_ is not None:
        return detectors.c.id == id_
    # PostgreSQL refuses text with NUL where SQLite finds nothing.
    return detectors.c.slug == reference.replace("\x00", "\ufffd")
