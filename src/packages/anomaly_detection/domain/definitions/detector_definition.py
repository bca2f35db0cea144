"""A named configuration: what to detect with, kept to be used again."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from anomaly_detection.domain.ids import DetectorId, RunId
from core.domain.errors import Conflict, Invalid, NotFound, Stale
from core.domain.ids import KeyId, TenantId, UserId
from core.domain.slugs import slug_text


class DetectorNotFound(NotFound):
    title = "There is no such detector"


class DetectorNameTaken(Conflict):
    title = "A detector of that name exists"


class InvalidDetectorName(Invalid):
    title = "A detector cannot be called that"


class NotItsRun(Invalid):
    title = "The baseline has to be a run of the detector"


def no_detector(reference: str) -> DetectorNotFound:
    return DetectorNotFound(
        f"No detector is called {reference[:100]!r}.", fix="Look for it in the list of detectors."
    )


def slug_of(name: str) -> str:
    """Raises InvalidDetectorName."""
    slug = slug_text(name)
    if not slug:
        raise InvalidDetectorName(
            f"{name[:80]!r} has no letter or digit of ASCII.", fix="Use some in it, or give a slug."
        )
    return slug


@dataclass(eq=False, kw_only=True)
class DetectorDefinition:
    """``configuration`` is a ``DetectorConfiguration`` as JSON values; ``dataset_id`` is where it usually runs, ``baseline_run_id``
    the one of its runs that later ones are measured against."""

    id: DetectorId
    tenant_id: TenantId
    slug: str
    name: str
    description: str = ""
    configuration: Mapping[str, Any] = field(default_factory=dict)
    dataset_id: UUID | None = None
    baseline_run_id: RunId | None = None
    created_at: datetime
    created_by: UserId | None = None
    created_with: KeyId | None = None
    version: int = 1

    def require_version(self, version: int | None) -> None:
        """Raises Stale."""
        if version is not None and version != self.version:
            raise Stale("Someone else changed the detector.", fix="Read it again, then repeat.")
