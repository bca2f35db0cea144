"""Rows of plain numbers go from JSON straight into an array: what comes out, and what is refused, is the same."""

import json
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from anomaly_detection.presentation.http.inline_rows import (
    DetectBody,
    InlineRows,
    InvalidBody,
    NoRows,
    body_of,
)
from anomaly_detection.presentation.http.number_rows import MOST_FIELDS

COLUMNS = ("a", "é", "12:30", " ")
NUMBER = st.one_of(
    st.none(), st.floats(allow_nan=False, allow_infinity=False), st.integers(-(2**70), 2**70), st.just(-0.0)
)
CELL = st.one_of(NUMBER, st.booleans(), st.text(max_size=3), st.just("1.5"))


@st.composite
def shuffled(draw: st.DrawFn, cells: st.SearchStrategy[Any]) -> dict[str, Any]:
    return {name: draw(cells) for name in draw(st.permutations(COLUMNS))}


@given(
    rows=st.lists(shuffled(NUMBER), min_size=1, max_size=4),
    is_ascii=st.booleans(),
    model=st.sampled_from("m:"),
)
def test_numbers_in_any_order_are_the_same_array(
    rows: list[dict[str, Any]], is_ascii: bool, model: str
) -> None:
    sent = inline(json.dumps({"data": rows, "model": model}, ensure_ascii=is_ascii))
    values = sent.values(COLUMNS)
    assert values is not None
    expected = [[row[name] for name in COLUMNS] for row in sent.mappings()]
    np.testing.assert_array_equal(values, np.array(expected, dtype=np.float64))


@given(rows=st.lists(st.dictionaries(st.sampled_from([*COLUMNS, "more"]), CELL), min_size=1, max_size=3))
def test_only_whole_rows_of_numbers_take_the_quick_way(rows: list[dict[str, Any]]) -> None:
    is_plain = all(
        row.keys() == set(COLUMNS) and not any(isinstance(cell, str | bool) for cell in row.values())
        for row in rows
    )
    sent = inline(json.dumps({"data": rows}))
    assert (sent.values(COLUMNS) is not None) == is_plain
    assert len(sent.mappings()) == len(rows)


@pytest.mark.parametrize(
    "text",
    [
        '{"data": [{"a": 1, "b": 2, "b": 3}]}',
        '{"data": [{"a": 1, "b": 2}], "model": "m", "model": "m"}',
        '{"data": [{"a": 1, "b": 2}], "data": [{"a": 1, "b": 2}]}',
        r'{"data": [{"a": 1, "b": 2}], "model": "m\u003a1", "model": "m\u003a1"}',
        '{"data": [{"a": 1, "b": 2}], "params": {"k": 1, "k": ":"}}',
    ],
)
def test_what_is_named_twice_is_refused_either_way(text: str) -> None:
    sent = inline(text)
    with pytest.raises(InvalidBody, match="given twice") as quick:
        sent.values(("a", "b"))
    with pytest.raises(InvalidBody) as usual:
        sent.mappings()
    assert str(quick.value) == str(usual.value)


@pytest.mark.parametrize(
    "text",
    [
        '{"data": [{"a": 1, "b": 2}], "model": "pumps:1"}',
        r'{"data": [{"\u0061": 1, "b": 2}], "model": "pumps\u003a1"}',
        '{"data": [{"a": 1, "b": 2}], "params": {"kind": "x:y"}}',
    ],
)
def test_colons_in_text_are_no_names(text: str) -> None:
    np.testing.assert_array_equal(inline(text).values(("a", "b")), [[1.0, 2.0]])


def test_numbers_beyond_all_bounds_are_left_to_the_way_that_names_the_cell() -> None:
    assert inline('{"data": [{"a": 1e999, "b": 2}]}').values(("a", "b")) is None


def test_no_rows_are_left_to_the_way_that_says_so() -> None:
    sent = inline('{"data": []}')
    assert sent.values(("a",)) is None
    with pytest.raises(NoRows):
        sent.mappings()


@pytest.mark.parametrize("columns", [(), tuple(f"c{i}" for i in range(MOST_FIELDS + 1)), ('"',), ("\n",)])
def test_models_of_odd_columns_are_left_to_the_usual_way(columns: tuple[str, ...]) -> None:
    sent = inline(json.dumps({"data": [dict.fromkeys(columns or ("a",), 1)]}))
    assert sent.values(columns) is None
    assert len(sent.mappings()) == 1


def test_many_names_of_which_the_last_comes_twice_are_refused_soon() -> None:
    names = ", ".join(f'"{i}": 1' for i in [*range(1_999), 1_998])
    with pytest.raises(InvalidBody, match="'1998' is given twice"):
        inline(f'{{"data": [{{{names}}}]}}').mappings()


def inline(text: str) -> InlineRows:
    body = text.encode()
    return InlineRows(body_of(DetectBody, body), body)
