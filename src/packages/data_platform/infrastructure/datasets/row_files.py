from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from core.domain.page import Counting, Total
from data_platform.application.datasets.ports import CheckedRows, Condition, StoredRows
from data_platform.application.ports import Table
from data_platform.infrastructure.datasets.added_rows import check_rows
from data_platform.infrastructure.datasets.ingestion import Ingestion, write
from data_platform.infrastructure.datasets.kept_rows import (
    exported,
    extremes,
    facets,
    preview,
    rows_matching,
    spread,
)
from data_platform.infrastructure.readers.parquet_table import ParquetTable
from data_platform.infrastructure.readers.row_lines import on_lines

MOST_APPENDED = 100 << 20  # bytes, decompressed


@dataclass(frozen=True, slots=True)
class ParquetRows:
    """``application.datasets.ports.RowFiles``: rows are kept as Parquet."""

    ingestion: Ingestion

    def ingest(self, raw: Path, staged: Path, *, small: bool, advance: Callable[[int], None]) -> StoredRows:
        return self.ingestion.ingest(raw, staged, small=small, advance=advance)

    def write(self, table: Table, staged: Path, advance: Callable[[int], None]) -> StoredRows:
        return write(table, staged, advance)

    def check(self, raw: Path, staged: Path, *, before: Table | None, joined: Table | None) -> CheckedRows:
        with self.ingestion.opened(raw, most=MOST_APPENDED) as new:
            checked = check_rows(new, staged, before=before, joined=joined)
        return replace(checked, problems=on_lines(checked.problems, raw))

    def opened(self, name: str, paths: Sequence[Path]) -> Table:
        return ParquetTable(name, tuple(paths))

    def preview(
        self, paths: Sequence[Path], *, first: int, limit: int, where: Sequence[Condition]
    ) -> list[tuple[int, dict[str, Any]]]:
        return preview(paths, first=first, limit=limit, where=where)

    def count(self, paths: Sequence[Path], *, where: Sequence[Condition], count: Counting) -> Total:
        return Total.of(rows_matching(paths, where=where, most=count.most), count.most)

    def extremes(
        self, paths: Sequence[Path], column: str, most: int
    ) -> tuple[list[tuple[int, Any]], list[tuple[int, Any]]]:
        return extremes(paths, column, most)

    def spread(self, paths: Sequence[Path], column: str, edges: Sequence[float]) -> list[int]:
        return spread(paths, column, edges)

    def facets(self, paths: Sequence[Path], column: str, limit: int) -> list[tuple[Any, int]]:
        return facets(paths, column, limit)

    def exported(self, table: Table, form: str, where: Sequence[Condition] = ()) -> Iterator[bytes]:
        return exported(table, form, where)
