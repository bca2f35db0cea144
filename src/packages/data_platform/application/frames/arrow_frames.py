"""Arrow batches as Polars frames, types that Polars lacks aside."""

from collections import Counter
from typing import Any

import polars as pl
import pyarrow as pa

from data_platform.application.frames.schemas import plain
from data_platform.application.refusals import InvalidTable


def frame_of(batch: Any) -> pl.DataFrame:
    """``batch``: a RecordBatch or Table. Decimals of 256 bits become floats, categories and month intervals text."""
    for i, column in enumerate(batch.schema):
        target = _representable(column.type)
        if target is not None:
            batch = batch.set_column(i, column.name, batch.column(i).cast(target))
    frame = pl.from_arrow(batch)
    return plain(frame if isinstance(frame, pl.DataFrame) else frame.to_frame())


def schema_of(schema: Any, name: str) -> dict[str, pl.DataType]:
    """Raises InvalidTable where two columns have one name."""
    twice = [column for column, n in Counter(schema.names).items() if n > 1]
    if twice:
        raise InvalidTable(
            f"{name} has more than one column named {', '.join(map(repr, twice[:5]))}.",
            fix="Rename them so that every name is there once.",
        )
    return dict(frame_of(schema.empty_table()).schema)


def _representable(dtype: Any) -> Any:
    if pa.types.is_decimal256(dtype):
        return pa.float64()
    if isinstance(dtype, pa.BaseExtensionType):
        return dtype.storage_type
    if pa.types.is_interval(dtype):
        return pa.string()
    return None
