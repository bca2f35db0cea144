"""Tables from the objects of Python: arrays, lists, and the frames of other libraries."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import narwhals as nw
import numpy as np
import polars as pl
import polars.exceptions as plx
import pyarrow as pa

from data_platform.application.frames.arrow_frames import frame_of
from data_platform.application.frames.frame_table import FrameTable
from data_platform.application.frames.schemas import plain
from data_platform.application.frames.values import column
from data_platform.application.ports import Table
from data_platform.application.refusals import InvalidTable

_SHAPES = "Give a 2-D NumPy array, a list of rows, or a Polars, pandas or pyarrow frame."


class NotATable(InvalidTable):
    title = "The object is not a table"


def frame_table(table: object, name: str = "data") -> Table:
    """``table``: a 2-D or structured NumPy array, rows as lists or mappings, columns as a mapping, or any frame
    that Narwhals knows (Polars, pandas, pyarrow, ...); columns without names are x0, x1, ..., an index is left out.

    Raises NotATable.
    """
    if isinstance(table, FrameTable):
        return table
    if isinstance(table, np.ndarray):
        return FrameTable(_from_array(table), name)
    if isinstance(table, pl.LazyFrame):
        return FrameTable(plain(table.collect()), name)
    if isinstance(table, Mapping):
        return FrameTable(_from_columns(table), name)
    if isinstance(table, Sequence) and not isinstance(table, str | bytes):
        return FrameTable(_from_rows(table), name)
    return FrameTable(_from_frame(table), name)


def _from_array(array: np.ndarray[Any, Any]) -> pl.DataFrame:
    if array.dtype.names is not None:
        return _from_columns({field: array[field] for field in array.dtype.names})
    if array.ndim == 1:
        array = array.reshape(-1, 1)
    if array.ndim != 2:
        raise NotATable(
            f"An array of {array.ndim} dimensions is not a table.", fix="Reshape it to rows and columns."
        )
    if isinstance(array, np.ma.MaskedArray):
        values = np.array(array.data, dtype=object)
        values[np.ma.getmaskarray(array)] = None
        array = values
    return _from_columns({f"x{i}": array[:, i] for i in range(array.shape[1])})


def _from_columns(columns: Mapping[Any, Any]) -> pl.DataFrame:
    refuse_duplicates([str(key) for key in columns])
    lengths = {len(values) for values in columns.values() if hasattr(values, "__len__")}
    if len(lengths) != 1:
        raise NotATable("The columns differ in length, or have none.", fix=_SHAPES)
    return plain(pl.DataFrame([_series(str(key), values) for key, values in columns.items()]))


def _series(name: str, values: Any) -> pl.Series:
    if isinstance(values, np.ndarray):
        if values.dtype.kind in "biufmMU" and values.dtype != np.longdouble:
            dtype = values.dtype.newbyteorder("=")
            return pl.Series(
                name, np.ascontiguousarray(values.astype(np.float32 if dtype == np.float16 else dtype))
            )
        if values.dtype == np.longdouble:
            return pl.Series(name, values.astype(np.float64))
        values = values.tolist()
    return column(name, [_scalar(value) for value in values])


def _scalar(value: Any) -> Any:
    """NumPy's scalars as Python's; what other libraries put for a missing value as None."""
    if isinstance(value, np.generic):
        value = value.item()
    if value is None or type(value).__name__ in ("NAType", "NaTType"):
        return None
    return value


def _from_rows(rows: Sequence[Any]) -> pl.DataFrame:
    if not rows:
        return pl.DataFrame()
    first = rows[0]
    if isinstance(first, Mapping):
        keys = dict.fromkeys(key for row in rows for key in row)
        return _from_columns({key: [row.get(key) for row in rows] for key in keys})
    if isinstance(first, Sequence | np.ndarray) and not isinstance(first, str | bytes):
        widths = Counter(len(row) for row in rows)
        if len(widths) > 1:
            odd = next(i for i, row in enumerate(rows) if len(row) != len(first))
            raise NotATable(
                f"Row 0 has {len(first)} values, row {odd} has {len(rows[odd])}.",
                fix="Give rows of equal length.",
            )
        return _from_columns({f"x{i}": [row[i] for row in rows] for i in range(len(first))})
    return _from_columns({"x0": list(rows)})


def _from_frame(table: Any) -> pl.DataFrame:
    labels = getattr(table, "columns", None)
    if isinstance(labels, Sequence) or (labels is not None and hasattr(labels, "tolist")):
        refuse_duplicates([_label(label) for label in labels if isinstance(label, str | int | float | tuple)])
    if isinstance(table, pa.RecordBatch):
        table = pa.table(table)
    try:
        native = nw.from_native(table, allow_series=True)
    except TypeError as error:
        raise NotATable(
            f"{_article(type(table).__name__)} is not a table we can read.", fix=_SHAPES
        ) from error
    if isinstance(native, nw.Series):
        return plain(pl.DataFrame([_column(native).alias(str(native.name or "x0"))]))
    if isinstance(native, nw.LazyFrame):
        native = native.collect()
    names = [_label(name) for name in native.columns]
    refuse_duplicates(names)
    if isinstance(table, pl.DataFrame):
        return plain(table)
    return plain(
        pl.DataFrame([_column(c).alias(name) for c, name in zip(native.iter_columns(), names, strict=True)])
    )


def _article(noun: str) -> str:
    return f"{'An' if noun[:1].lower() in 'aeiou' else 'A'} {noun}"


def _label(label: Any) -> str:
    """A column's name as text; the levels of a pandas MultiIndex are joined."""
    return " ".join(map(str, label)).strip() if isinstance(label, tuple) else str(label)


def _column(series: Any) -> pl.Series:
    """Whole where the library can give it, value by value where types are mixed."""
    try:
        arrow = series.to_arrow()
        if not isinstance(arrow.type, pa.BaseExtensionType):
            return frame_of(pa.table([arrow], names=["x"]))["x"]
    except (pa.ArrowException, plx.PolarsError, TypeError, ValueError, OverflowError):
        arrow = None
    return column("x", [_missing_as_none(_scalar(value)) for value in series.to_list()])


def _missing_as_none(value: Any) -> Any:
    return None if isinstance(value, float) and value != value else value


def refuse_duplicates(names: Sequence[str]) -> None:
    twice = [name for name, n in Counter(names).items() if n > 1]
    if twice:
        raise NotATable(
            f"More than one column is named {', '.join(map(repr, twice[:5]))}.", fix="Rename them."
        )


def is_frame(table: object) -> bool:
    """Whether it names its columns: a frame of any library, or columns by name."""
    return (
        isinstance(table, pl.DataFrame | pl.LazyFrame | Mapping)
        or hasattr(table, "__dataframe__")
        or hasattr(table, "__arrow_c_stream__")
    )
