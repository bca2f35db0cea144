"""A table that is in memory."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from data_platform.application.frames.batching import batch_rows
from data_platform.application.ports import BATCH_ROWS


@dataclass(frozen=True, slots=True)
class FrameTable:
    frame: pl.DataFrame
    name: str
    notes: tuple[str, ...] = ()

    @property
    def schema(self) -> Mapping[str, pl.DataType]:
        return self.frame.schema

    def row_count(self) -> int:
        return len(self.frame)

    def batches(
        self, *, columns: Sequence[str] | None = None, rows: int = BATCH_ROWS
    ) -> Iterator[pl.DataFrame]:
        chosen = self.frame if columns is None else self.frame.select(columns)
        rows = batch_rows(rows, chosen.width)
        if chosen.width:
            yield from chosen.iter_slices(rows)
        else:
            yield from (pl.DataFrame(height=len(part)) for part in self.frame.iter_slices(rows))
