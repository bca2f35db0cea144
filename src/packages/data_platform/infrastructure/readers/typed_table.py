"""A table of text, typed."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from data_platform.application.frames.batching import TEXT_WEIGHT, batch_rows
from data_platform.application.ports import BATCH_ROWS, Table
from data_platform.infrastructure.readers.text_reading import Reading


@dataclass(frozen=True, slots=True)
class TypedTable:
    """``text`` with the columns of ``readings`` typed by them; other columns stay as they are."""

    text: Table
    readings: Mapping[str, Reading]
    notes: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        return self.text.name

    @property
    def schema(self) -> Mapping[str, pl.DataType]:
        types = {name: reading.type for name, reading in self.readings.items()}
        return {name: types.get(name, dtype) for name, dtype in self.text.schema.items()}

    def row_count(self) -> int | None:
        return self.text.row_count()

    def batches(
        self, *, columns: Sequence[str] | None = None, rows: int = BATCH_ROWS
    ) -> Iterator[pl.DataFrame]:
        names = list(self.text.schema) if columns is None else list(columns)
        typed = [self.readings[n].expression(n) if n in self.readings else pl.col(n) for n in names]
        for frame in self.text.batches(columns=columns, rows=batch_rows(rows, TEXT_WEIGHT * len(names))):
            yield frame.select(typed) if typed else frame
