"""A dataset: a name, what its columns are for, and versions of its rows that never change."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from core.domain.errors import Conflict, Invalid, NotFound, Stale
from core.domain.ids import JobId, KeyId, TenantId, UserId
from core.domain.slugs import slug_text
from data_platform.domain.datasets.failure import VersionFailure
from data_platform.domain.datasets.ids import DatasetId, DatasetVersionId
from data_platform.domain.findings import CheckScope
from data_platform.domain.schema import ColumnChoices, MissingPolicy

RESERVED = frozenset({"new"})  # in an address, these are pages
MERGED_ROWS = 50_000  # parts of fewer rows are joined with what is appended, so that parts stay few


class InvalidDatasetName(Invalid):
    title = "A dataset cannot be called that"


class DatasetNameTaken(Conflict):
    title = "A dataset of that name exists"


class DatasetNotFound(NotFound):
    title = "There is no such dataset"


class DatasetVersionNotFound(DatasetNotFound):
    title = "The dataset has no such version"


class VersionNotReady(Conflict):
    title = "The version is not ready"


class VersionState(StrEnum):
    INGESTING = "ingesting"
    READY = "ready"
    FAILED = "failed"


def no_dataset(reference: str) -> DatasetNotFound:
    return DatasetNotFound(
        f"No dataset is called {reference[:100]!r}.", fix="List them: GET /api/v1/datasets."
    )


def slug_of(name: str) -> str:
    """``Orders, EU``: orders-eu. Raises InvalidDatasetName."""
    slug = slug_text(name)
    if not slug:
        raise InvalidDatasetName(
            f"{name[:80]!r} has no letter or digit of ASCII.", fix="Use some in it, or give a slug."
        )
    return checked_slug(slug)


def checked_slug(slug: str) -> str:
    """Raises InvalidDatasetName."""
    if slug in RESERVED:
        raise InvalidDatasetName(f"{slug!r} is the address of a page.", fix="Choose another name or slug.")
    return slug


def choices_of(stored: Mapping[str, Any]) -> ColumnChoices:
    features = stored.get("features")
    return ColumnChoices(
        features=None if features is None else tuple(features),
        ignore=tuple(stored.get("ignore") or ()),
        id=stored.get("id"),
        time=stored.get("time"),
        label=stored.get("label"),
        categorical=tuple(stored.get("categorical") or ()),
        missing=MissingPolicy.named(stored.get("missing")),
    )


@dataclass(frozen=True, slots=True)
class Part:
    """A Parquet file that holds some of a version's rows."""

    file: str
    rows: int
    size: int  # bytes


@dataclass(eq=False, kw_only=True)
class Dataset:
    """``slug`` is unique within the tenant and never changes."""

    id: DatasetId
    tenant_id: TenantId
    slug: str
    name: str
    description: str
    columns: dict[str, Any]  # fields of ColumnChoices
    checks_off: list[dict[str, Any]] = field(default_factory=list)  # fields of CheckScope
    created_at: datetime
    kind: str = "table"
    latest_number: int = 0  # the last that was given out; its version may have failed
    ready_number: int = 0  # of the newest version that can be read; 0: none
    rows: int = 0  # of that version
    user_id: UserId | None = None
    key_id: KeyId | None = None
    version: int = field(default=1)

    def require_version(self, version: int | None) -> None:
        """Raises Stale."""
        if version is not None and version != self.version:
            raise Stale("Someone else changed the dataset.", fix="Read it again, then repeat.")

    def switch(self, scope: CheckScope, *, on: bool) -> None:
        """The check counts, or not. Without a column, it is switched in those too where it was switched by itself."""
        others = [each for each in self.checks_off if not scope.holds(CheckScope.of(each))]
        self.checks_off = others if on else [*others, {"check": scope.check.value, "column": scope.column}]

    def next_number(self) -> int:
        self.latest_number += 1
        return self.latest_number

    def made_ready(self, version: "DatasetVersion") -> None:
        """A version that took long does not hide a newer one."""
        if version.number > self.ready_number:
            self.ready_number, self.rows = version.number, version.rows


@dataclass(eq=False, kw_only=True)
class DatasetVersion:
    """Rows as they were at a time. ``content_hash`` is of the bytes they came in, None once that failed."""

    id: DatasetVersionId
    tenant_id: TenantId
    dataset_id: DatasetId
    number: int
    state: VersionState
    origin: str  # upload, append, fetch
    created_at: datetime
    content_hash: str | None
    sha256: str
    size: int  # bytes, as they came
    rows: int = 0
    added_rows: int = 0  # what it counts for in the quota
    columns: list[dict[str, str]] = field(default_factory=list)  # name, type
    parts: list[dict[str, Any]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    parent_number: int | None = None
    source: dict[str, Any] | None = None  # where it was fetched from
    raw_file: str | None = None  # what is still to be read
    profile: dict[str, Any] | None = None
    quality: int | None = None  # 0 to 100, of the profile; None beside one: the columns' roles changed since
    error: dict[str, Any] | None = None  # values of a VersionFailure
    job_id: JobId | None = None
    user_id: UUID | None = None
    key_id: UUID | None = None

    def store(self, parts: Sequence[Part], columns: Mapping[str, str], *, notes: Sequence[str] = ()) -> None:
        """It can be read from now on."""
        self.parts = [asdict(part) for part in parts]
        self.columns = [{"name": name, "type": kind} for name, kind in columns.items()]
        self.rows = sum(part.rows for part in parts)
        self.notes = list(notes)
        self.state, self.raw_file = VersionState.READY, None

    def fail(self, failure: VersionFailure) -> None:
        """The same bytes may be sent again."""
        self.state, self.content_hash, self.raw_file = VersionState.FAILED, None, None
        self.error = failure.values()

    @property
    def files(self) -> list[Part]:
        return [Part(**part) for part in self.parts]


def parts_to_join(parts: Sequence[Part], rows: int) -> int:
    """How many of the last parts are rewritten with ``rows`` new rows: so many that few are left, seldom large ones."""
    joined, rows = 0, max(rows, 1)
    for part in reversed(parts):
        if part.rows > rows or part.rows > MERGED_ROWS:
            break
        rows += part.rows
        joined += 1
    return joined
