"""A database of the tenant's that rows are fetched from."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from core.domain.errors import Conflict, NotFound, Stale
from core.domain.ids import TenantId
from data_platform.domain.datasets.ids import SourceId


class SourceNotFound(NotFound):
    title = "There is no such source"


class SourceNameTaken(Conflict):
    title = "A source of that name exists"


class SourceKind(StrEnum):
    POSTGRESQL = "postgresql"
    MYSQL = "mysql"


def no_source(reference: str) -> SourceNotFound:
    return SourceNotFound(f"No source is called {reference[:100]!r}.", fix="List them: GET /api/v1/sources.")


@dataclass(eq=False, kw_only=True)
class Source:
    """``slug`` is unique within the tenant and never changes; ``url`` is encrypted."""

    id: SourceId
    tenant_id: TenantId
    slug: str
    name: str
    kind: SourceKind
    place: str  # host and database, for people
    url: str
    query: str  # fetched where a fetch names none
    created_at: datetime
    version: int = 1

    def require_version(self, version: int | None) -> None:
        """Raises Stale."""
        if version is not None and version != self.version:
            raise Stale("Someone else changed the source.", fix="Read it again, then repeat.")
