"""Objects of Python become tables without losing names, types or values."""

from datetime import date

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from data_platform.application.frames.frame_table import FrameTable
from data_platform.application.frames.python_tables import NotATable, frame_table


def columns(table: object) -> dict[str, list[object]]:
    return pl.concat(list(frame_table(table).batches())).to_dict(as_series=False)


@pytest.mark.parametrize(
    ("table", "expected"),
    [
        (np.array([[1, 2], [3, 4]]), {"x0": [1, 3], "x1": [2, 4]}),
        (np.asfortranarray([[1.5, 2.5]]), {"x0": [1.5], "x1": [2.5]}),
        (np.array([1.5, np.inf]), {"x0": [1.5, np.inf]}),
        (np.array([[1, "a"], [None, "b"]], dtype=object), {"x0": [1, None], "x1": ["a", "b"]}),
        (
            np.array([(1, 2.5, "a")], dtype=[("i", "i4"), ("f", ">f8"), ("s", "U3")]),
            {"i": [1], "f": [2.5], "s": ["a"]},
        ),
        (np.array([[1.5]], dtype=np.float16), {"x0": [1.5]}),
        (np.array([[1.5]], dtype=np.longdouble), {"x0": [1.5]}),
        (np.array([["2024-01-01"]], dtype="datetime64[D]"), {"x0": [date(2024, 1, 1)]}),
        (np.ma.masked_equal([[1, 2], [3, 4]], 3), {"x0": [1, None], "x1": [2, 4]}),
        ([[1, 2], [3, 4.5]], {"x0": [1, 3], "x1": [2.0, 4.5]}),
        ([(1, "a"), (None, "b")], {"x0": [1, None], "x1": ["a", "b"]}),
        ([1, 2, 3], {"x0": [1, 2, 3]}),
        ([np.array([1, 2]), np.array([3, 4])], {"x0": [1, 3], "x1": [2, 4]}),
        ([{"a": 1}, {"b": "x"}], {"a": [1, None], "b": [None, "x"]}),
        ({"a": [1, 2], "b": np.array([0.5, 1.5])}, {"a": [1, 2], "b": [0.5, 1.5]}),
        (pl.Series("s", [1, 2]), {"s": [1, 2]}),
        (pl.DataFrame({"c": pl.Series(["x"], dtype=pl.Categorical)}), {"c": ["x"]}),
        (pa.record_batch({"a": [1, 2]}), {"a": [1, 2]}),
        (pa.table({"a": pa.array(["x"]).dictionary_encode()}), {"a": ["x"]}),
    ],
)
def test_arrays_lists_and_frames_are_read(table: object, expected: dict[str, list[object]]) -> None:
    assert columns(table) == expected


def test_pandas_columns_of_every_kind_are_read_and_the_index_is_left_out() -> None:
    frame = pd.DataFrame(
        {
            "mixed": [1, "x", None],
            "category": pd.Categorical(["a", "b", "a"]),
            "missing": [1.5, np.nan, 2.0],
            "nullable": pd.array([1, None, 3], dtype="Int64"),
            "flag": [True, False, None],
            "zoned": pd.date_range("2024-01-01", periods=3, tz="Europe/Berlin"),
            "period": pd.period_range("2024-01", periods=3, freq="M"),
            7: [1, 2, 3],
        },
        index=[5, 5, 6],
    )
    read = frame_table(frame)
    assert read.schema["zoned"] == pl.Datetime(time_zone="Europe/Berlin")
    assert {k: v for k, v in columns(frame).items() if k != "zoned"} == {
        "mixed": ["1", "x", None],
        "category": ["a", "b", "a"],
        "missing": [1.5, None, 2.0],
        "nullable": [1, None, 3],
        "flag": [True, False, None],
        "period": ["2024-01", "2024-02", "2024-03"],
        "7": [1, 2, 3],
    }


def test_a_pandas_series_and_levels_of_names_are_read() -> None:
    levels = pd.DataFrame([[1, 2]], columns=pd.MultiIndex.from_tuples([("a", "x"), ("a", "y")]))
    assert columns(pd.Series([1.5, np.nan], name="s")) == {"s": [1.5, None]}
    assert columns(levels) == {"a x": [1], "a y": [2]}


def test_a_numeric_array_is_not_changed() -> None:
    array = np.arange(6.0).reshape(3, 2)
    frame_table(array)
    assert array.tolist() == [[0.0, 1.0], [2.0, 3.0], [4.0, 5.0]]


def test_a_table_stays_the_table_it_is() -> None:
    table = FrameTable(pl.DataFrame({"a": [1]}), "mine")
    assert frame_table(table) is table


@pytest.mark.parametrize(
    ("table", "words"),
    [
        (np.zeros((2, 2, 2)), "3 dimensions"),
        ([[1, 2], [3]], "Row 0 has 2 values, row 1 has 1"),
        ({"a": [1], "b": [1, 2]}, "differ in length"),
        ("a.csv", "A str is not a table"),
        (5, "An int is not a table"),
        (None, "A NoneType is not a table"),
        (pd.DataFrame([[1, 2]], columns=["a", "a"]), "More than one column is named 'a'"),
        (pd.DataFrame([[1, 2]], columns=[1, "1"]), "More than one column is named '1'"),
    ],
)
def test_what_is_no_table_is_refused(table: object, words: str) -> None:
    with pytest.raises(NotATable, match=words) as caught:
        frame_table(table)
    assert caught.value.fix
