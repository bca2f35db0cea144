"""A run's result as it is read back: a Parquet file of row groups of one batch each."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from anomaly_detection.application.runs.ports import ROW
from anomaly_detection.application.runs.reading import RESULT_COLUMNS, ResultLost, result_names
from anomaly_detection.domain.detector import Scores

SHARES_AT_ONCE = 1 << 20
BUFFER = 1 << 20  # read ahead per column


@dataclass(frozen=True, slots=True)
class ParquetResult:
    """``application.runs.ports.ResultFile``. Raises ResultLost where the file is gone or damaged."""

    path: Path
    _file: Any = field(init=False, repr=False)

    def __post_init__(self) -> None:
        try:
            file = pq.ParquetFile(str(self.path), pre_buffer=False, buffer_size=BUFFER)
        except (pa.ArrowException, OSError) as error:
            raise ResultLost(
                "Its file is gone or damaged.", fix="Restore it from a backup, or run again."
            ) from error
        object.__setattr__(self, "_file", file)

    @property
    def columns(self) -> tuple[str, ...]:
        return tuple(self._file.schema_arrow.names[: -len(RESULT_COLUMNS)])

    def shares(self) -> Iterator[Scores]:
        name = result_names(self._file.schema_arrow.names)["tail_probability"]
        for batch in self._file.iter_batches(SHARES_AT_ONCE, columns=[name]):
            yield np.array(batch.column(0), dtype=np.float64)

    def rows(self, numbers: Sequence[int]) -> Iterator[pl.DataFrame]:
        """Reads each row group that has some of them once."""
        wanted, first = np.sort(np.asarray(numbers, dtype=np.int64)), 0
        for group in range(self._file.num_row_groups):
            size = self._file.metadata.row_group(group).num_rows
            here = wanted[(wanted >= first) & (wanted < first + size)]
            if len(here):
                yield self._group(group)[here - first].with_columns(pl.Series(ROW, here))
            first += size

    def batches(self) -> Iterator[pl.DataFrame]:
        for group in range(self._file.num_row_groups):
            yield self._group(group)

    def _group(self, number: int) -> pl.DataFrame:
        return pl.DataFrame(pl.from_arrow(self._file.read_row_group(number)))
