from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from anomaly_detection.application.explanations.ports import RARITY
from anomaly_detection.application.runs.ports import ROW
from anomaly_detection.application.runs.reading import RESULT_COLUMNS, ResultLost, result_names
from anomaly_detection.domain.calibration import is_rare
from anomaly_detection.domain.detector import Matrix, Scores

BUFFER = 1 << 20  # read ahead per column
MOST_GROUPS = 64  # row groups that a sample is taken from


@dataclass(frozen=True, slots=True)
class ParquetRows:
    """``application.explanations.ports.ResultRows``: never more than one row group of several columns, or one column, in
    memory."""

    path: Path
    _file: Any = field(init=False, repr=False)

    def __post_init__(self) -> None:
        with _whole():
            object.__setattr__(
                self, "_file", pq.ParquetFile(str(self.path), pre_buffer=False, buffer_size=BUFFER)
            )

    @property
    def columns(self) -> dict[str, pl.DataType]:
        frame = _frame(self._file.schema_arrow.empty_table())
        return dict(list(frame.schema.items())[: -len(RESULT_COLUMNS)])

    def row(self, number: int) -> tuple[pl.DataFrame, float]:
        group, first = self._group_of(number)
        columns = list(self.columns)
        with _whole():
            found = _frame(self._file.read_row_group(group, columns=[*columns, self._result("raw_score")]))
        one = found[number - first : number - first + 1]
        return one.select(columns), float(one[self._result("raw_score")][0])

    def share_below(self, raw_score: float) -> float:
        below = self._read(self._result("raw_score")).to_numpy() < raw_score
        return float(below.mean())

    def usual(self, columns: Sequence[str], *, alert_rate: float, most: int) -> pl.DataFrame:
        groups = self._file.num_row_groups
        chosen = np.unique(np.linspace(0, groups - 1, min(groups, MOST_GROUPS)).astype(np.intp))
        each = -(-most // len(chosen))
        with _whole():
            parts = [self._usual_of(int(group), columns, alert_rate, each) for group in chosen]
        return pl.concat(parts).head(most)

    def shares(self) -> Scores:
        return self._read(self._result("tail_probability")).to_numpy()

    def column(self, name: str) -> pl.Series:
        return self._read(name)

    def values(self, columns: Sequence[str], rows: NDArray[np.intp]) -> Matrix:
        found, first = np.empty((len(rows), len(columns))), 0
        for group in range(self._file.num_row_groups):
            size = self._file.metadata.row_group(group).num_rows
            here = np.flatnonzero((rows >= first) & (rows < first + size))
            if len(here):
                with _whole():
                    frame = _frame(self._file.read_row_group(group, columns=list(columns)))
                found[here] = _numbers(frame[(rows[here] - first).tolist()], columns)
            first += size
        return found

    def _usual_of(self, group: int, columns: Sequence[str], alert_rate: float, most: int) -> pl.DataFrame:
        rarity = self._result("tail_probability")
        wanted = list(dict.fromkeys([*columns, rarity]))
        found = _frame(self._file.read_row_group(group, columns=wanted)).rename({rarity: RARITY})
        usual = np.flatnonzero(~is_rare(alert_rate, found[RARITY].to_numpy()))
        spread = usual[np.linspace(0, len(usual) - 1, min(len(usual), most)).astype(np.intp)]
        numbers = pl.Series(ROW, self._first(group) + spread, dtype=pl.Int64)
        return found[spread].with_columns(numbers).select(*columns, RARITY, ROW)

    def _read(self, column: str) -> pl.Series:
        with _whole():
            return _frame(self._file.read(columns=[column]))[column]

    def _result(self, name: str) -> str:
        return result_names(self._file.schema_arrow.names)[name]

    def _first(self, group: int) -> int:
        return sum(self._file.metadata.row_group(i).num_rows for i in range(group))

    def _group_of(self, number: int) -> tuple[int, int]:
        first = 0
        for group in range(self._file.num_row_groups):
            size = self._file.metadata.row_group(group).num_rows
            if number < first + size:
                return group, first
            first += size
        raise ResultLost("It has fewer rows than the run.", fix="Restore it from a backup, or run again.")


@contextmanager
def _whole() -> Iterator[None]:
    try:
        yield
    except (pa.ArrowException, OSError) as error:
        raise ResultLost(
            "Its file is gone or damaged.", fix="Restore it from a backup, or run again."
        ) from error


def _numbers(frame: pl.DataFrame, columns: Sequence[str]) -> Matrix:
    if not columns:
        return np.empty((len(frame), 0))
    return np.column_stack([frame[name].cast(pl.Float64).fill_null(np.nan).to_numpy() for name in columns])


def _frame(table: Any) -> pl.DataFrame:
    """Polars would rename a column without a name."""
    frame = pl.DataFrame(pl.from_arrow(table))
    frame.columns = table.column_names
    return frame
