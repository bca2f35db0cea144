"""What datasets need from outside, in their own words, and the views they show."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol
from uuid import UUID

from core.application.uow import UnitOfWork
from core.domain.actor import Actor
from core.domain.errors import RowProblem
from core.domain.ids import JobId, TenantId, UserId
from core.domain.page import Counting, Page, Total
from data_platform.application.ports import Table
from data_platform.domain.datasets.dataset import Dataset, DatasetVersion, Part, VersionState
from data_platform.domain.datasets.failure import VersionFailure
from data_platform.domain.datasets.ids import DatasetId, DatasetVersionId, SourceId
from data_platform.domain.datasets.source import Source, SourceKind


class DatasetsUnitOfWork(UnitOfWork, Protocol):
    """What it gives is locked until the end: two changes of one dataset come one after the other."""

    def dataset(self, reference: str) -> Dataset:
        """By id (``ds_...``) or slug. Raises DatasetNotFound."""

    def dataset_of(self, dataset_id: DatasetId) -> Dataset:
        """Raises DatasetNotFound."""

    def is_taken(self, slug: str) -> bool: ...

    def version(self, version_id: DatasetVersionId) -> DatasetVersion:
        """Raises DatasetVersionNotFound."""

    def version_numbered(self, dataset: Dataset, number: int) -> DatasetVersion | None: ...

    def version_with(self, dataset: Dataset, content_hash: str) -> DatasetVersion | None: ...

    def versions(self, dataset: Dataset) -> Sequence[DatasetVersion]: ...

    def source(self, reference: str) -> Source:
        """By id (``src_...``) or slug. Raises SourceNotFound."""

    def is_source_taken(self, slug: str) -> bool: ...

    def add(self, aggregate: Dataset | DatasetVersion | Source) -> None:
        """It is found from now on. Raises Duplicate."""

    def delete(self, aggregate: Dataset | Source) -> None:
        """With all that belongs to it."""


DatasetsTransaction = Callable[[Actor], DatasetsUnitOfWork]


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredRows:
    """Rows in a Parquet file that is not kept yet."""

    path: Path
    rows: int
    columns: Mapping[str, str]  # name -> type
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckedRows:
    stored: StoredRows
    rejected: int
    problems: tuple[RowProblem, ...]  # the first of them


class RowFiles(Protocol):
    """Files of rows as they come, and as they are kept."""

    def ingest(self, raw: Path, staged: Path, *, small: bool, advance: Callable[[int], None]) -> StoredRows:
        """Read a file of any form we know into Parquet at ``staged``.

        Raises InvalidTable, TooLarge, and NotSmall where ``small`` and it takes longer than a request may.
        """

    def write(self, table: Table, staged: Path, advance: Callable[[int], None]) -> StoredRows:
        """Raises InvalidTable."""

    def check(self, raw: Path, staged: Path, *, before: Table | None, joined: Table | None) -> CheckedRows:
        """The rows of a small file that fit the columns of ``before``, after all those of ``joined``, at ``staged``.

        Nothing is written where none fits. Raises InvalidTable, TooLarge.
        """

    def opened(self, name: str, paths: Sequence[Path]) -> Table: ...

    def preview(
        self, paths: Sequence[Path], *, first: int, limit: int, where: Sequence["Condition"]
    ) -> list[tuple[int, dict[str, Any]]]:
        """Up to ``limit`` rows with their numbers, from number ``first`` on. Raises UnknownColumn, InvalidCondition."""

    def count(self, paths: Sequence[Path], *, where: Sequence["Condition"], count: Counting) -> Total:
        """Of the rows that ``preview`` finds. Raises as it does."""

    def extremes(
        self, paths: Sequence[Path], column: str, most: int
    ) -> tuple[list[tuple[int, Any]], list[tuple[int, Any]]]:
        """Row numbers and values of the smallest, ascending, and of the largest, descending. Raises UnknownColumn."""

    def spread(self, paths: Sequence[Path], column: str, edges: Sequence[float]) -> list[int]:
        """Rows between each two edges; numbers beyond the ends count in the first and the last. Times are seconds since 1970.
        Raises UnknownColumn."""

    def facets(self, paths: Sequence[Path], column: str, limit: int) -> list[tuple[Any, int]]:
        """The commonest values, all that is missing being None. Raises UnknownColumn."""

    def exported(self, table: Table, form: str, where: Sequence["Condition"] = ()) -> Iterator[bytes]:
        """As ``csv``, ``ndjson`` or ``parquet``. Raises as ``preview`` does, at once."""


@dataclass(frozen=True, slots=True)
class Condition:
    """``operator`` is eq, gte, lte, contains, or, without a value, missing or not_number: text that is there and no number."""

    column: str
    operator: str
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DatasetView:
    id: DatasetId
    slug: str
    name: str
    description: str
    kind: str
    columns: Mapping[str, Any]
    checks_off: Sequence[Mapping[str, Any]]
    latest_number: int
    ready_number: int
    rows: int
    user_id: UserId | None  # its owner; None: a key made it
    created_at: datetime
    version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionView:
    id: DatasetVersionId
    dataset_id: DatasetId
    dataset: str  # slug
    choices: Mapping[str, Any]
    checks_off: Sequence[Mapping[str, Any]]  # of the dataset, as it is now
    number: int
    state: VersionState
    origin: str
    sha256: str
    size: int
    rows: int
    columns: Sequence[Mapping[str, str]]
    parts: Sequence[Mapping[str, Any]]
    notes: Sequence[str]
    parent_number: int | None
    source: Mapping[str, Any] | None
    profile: Mapping[str, Any] | None
    last_profile: Mapping[str, Any] | None  # also where the columns' roles changed since
    quality: int | None
    error: VersionFailure | None
    job_id: JobId | None
    created_at: datetime

    @property
    def files(self) -> list[Part]:
        return [Part(**part) for part in self.parts]


@dataclass(frozen=True, slots=True, kw_only=True)
class NewestVersions:
    """Of a dataset: ``state`` is the last version's, the rest is of the newest that can be read."""

    state: VersionState
    stored_at: datetime | None
    columns: int
    quality: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceView:
    id: SourceId
    slug: str
    name: str
    kind: SourceKind
    place: str
    query: str
    created_at: datetime
    version: int


class DatasetQueries(Protocol):
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
        """``sort``: -created_at, name, -name, rows, -rows. Raises InvalidCursor."""

    def get(self, tenant_id: TenantId, reference: str) -> DatasetView:
        """Raises DatasetNotFound."""

    def present(self, tenant_id: TenantId, dataset_ids: Collection[UUID]) -> Collection[UUID]:
        """Those of the ids that are of a dataset."""

    def newest(
        self, tenant_id: TenantId, dataset_ids: Collection[DatasetId]
    ) -> Mapping[DatasetId, NewestVersions]:
        """Of those datasets that have versions."""

    def versions(
        self,
        tenant_id: TenantId,
        reference: str,
        *,
        limit: int,
        cursor: str | None,
        count: Counting | None = None,
    ) -> Page[VersionView]:
        """The newest first. Raises DatasetNotFound, InvalidCursor."""

    def version(self, tenant_id: TenantId, reference: str, number: int | None) -> VersionView:
        """None: the newest that can be read. Raises DatasetNotFound, DatasetVersionNotFound."""

    def version_of(self, tenant_id: TenantId, version_id: UUID) -> VersionView:
        """Raises DatasetVersionNotFound."""

    def with_content(self, tenant_id: TenantId, reference: str, content_hash: str) -> VersionView | None:
        """Raises DatasetNotFound."""

    def sources(
        self, tenant_id: TenantId, *, limit: int, cursor: str | None, count: Counting | None = None
    ) -> Page[SourceView]:
        """The newest first. Raises InvalidCursor."""

    def source(self, tenant_id: TenantId, reference: str) -> SourceView:
        """Raises SourceNotFound."""
