"""Text columns become numbers, dates, truth values or stay text, and no value gets lost."""

from collections.abc import Sequence
from datetime import UTC, date, datetime

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from data_platform.infrastructure.readers.text_reading import MISSING
from data_platform.infrastructure.readers.text_typing import TextTyping


def typed(*batches: Sequence[str], decimal_comma: bool = False) -> tuple[pl.Series, list[str]]:
    """The column read after all batches were seen, and the notes."""
    typing = TextTyping(decimal_comma=decimal_comma)
    frames = [pl.DataFrame({"x": list(batch)}, schema={"x": pl.String}) for batch in batches]
    for frame in frames:
        typing.observe(frame)
    readings = typing.readings()
    column = pl.concat(frames).select(readings["x"].expression("x")).to_series()
    assert column.dtype == readings["x"].type
    return column, typing.notes(readings)


@pytest.mark.parametrize(
    ("texts", "values"),
    [
        (["1", "-2", "+3"], [1, -2, 3]),
        (["1", "2.5", "1e3", ".5", "5."], [1.0, 2.5, 1000.0, 0.5, 5.0]),
        ([" 1", "2 "], [1, 2]),
        (["9223372036854775807", "0"], [9223372036854775807, 0]),
        (["1e400", "-inf", "Infinity"], [float("inf"), float("-inf"), float("inf")]),
        (["7", "inf"], [7.0, float("inf")]),
        (["TRUE", "false"], [True, False]),
        (["2024-01-31", "2024-02-01"], [date(2024, 1, 31), date(2024, 2, 1)]),
        (["31.01.2024", "1.2.2024"], [date(2024, 1, 31), date(2024, 2, 1)]),
        (["01/31/2024", "02/01/2024"], [date(2024, 1, 31), date(2024, 2, 1)]),
        (["31/01/2024", "01/02/2024"], [date(2024, 1, 31), date(2024, 2, 1)]),
        (["31.01.24", "01.02.24"], [date(2024, 1, 31), date(2024, 2, 1)]),
        (["5-Jan-2024", "6-Feb-2024"], [date(2024, 1, 5), date(2024, 2, 6)]),
        (["Jan 5, 2024", "Feb 6, 2024"], [date(2024, 1, 5), date(2024, 2, 6)]),
        (
            ["2024-01-31 10:20", "2024-01-31 10:21"],
            [datetime(2024, 1, 31, 10, 20), datetime(2024, 1, 31, 10, 21)],
        ),
        (["1/31/2024 3:04 PM"], [datetime(2024, 1, 31, 15, 4)]),
        (["2024-01-31T10:20:30.5Z"], [datetime(2024, 1, 31, 10, 20, 30, 500000, tzinfo=UTC)]),
        (["2024-01-31T10:20:30+02:00"], [datetime(2024, 1, 31, 8, 20, 30, tzinfo=UTC)]),
        (["1,234.50", "12"], [1234.5, 12.0]),
        (["1.234,50", "12", "0,5"], [1234.5, 12.0, 0.5]),
        (["1'234.5", "999"], [1234.5, 999.0]),
        (["1\u202f234,5", "2,5"], [1234.5, 2.5]),
    ],
)
def test_the_form_that_fits_every_value_is_taken(texts: list[str], values: list[object]) -> None:
    assert typed(texts)[0].to_list() == values


@pytest.mark.parametrize(
    "texts",
    [
        ["007", "123"],  # a zip code
        ["9223372036854775808", "1"],  # more than 64 bits
        ["1", "2", "1-2"],
        ["1.5", "1,5"],
        ["12:30", "13:45"],
        ["2024-01-01", "yesterday"],
        ["2024-02-30", "2024-01-01"],  # no such day
        ["true", "1"],
        ["$5", "$6"],
        ["1,23,4", "2"],
        ["none", "NA", "-", "x"],  # NA is a country
        ["٣", "٤"],
    ],
)
def test_what_fits_no_form_stays_the_text_it_was(texts: list[str]) -> None:
    assert typed(texts)[0].to_list() == texts


@pytest.mark.parametrize(
    "marker", ["", "NA", "n/a", "N/A", "null", "NULL", "nan", "NaN", "-", "?", "None", " ", "#N/A", "\\N"]
)
def test_missing_values_are_null_among_numbers_and_dates(marker: str) -> None:
    assert typed(["1", marker, "3"])[0].to_list() == [1, None, 3]
    assert typed(["2024-01-01", marker])[0].to_list() == [date(2024, 1, 1), None]
    assert typed(["0,5", marker])[0].to_list() == [0.5, None]


def test_the_first_rows_with_text_among_numbers_are_named() -> None:
    _, notes = typed(["1", "", "odd", "2"], [f"x{i}" if i % 9 == 0 else f"{i}" for i in range(270)])
    [note] = notes
    assert ": 'odd' in row 3, 'x0' in row 5, 'x9' in row 14, " in note
    assert note.endswith(", 11 more")
    assert note.count(" in row ") == 20


@pytest.mark.parametrize(
    ("values", "says"),
    [
        (["2024-01-02", "01/13/2024", "14.02.2024"], "dates written in more than one way"),
        (["10%", "20 %", "-3,5%"], "numbers with a sign of percent or money"),
        (["$5", "€ 6.50", "7 €"], "numbers with a sign of percent or money"),
    ],
)
def test_what_looks_like_dates_or_numbers_and_is_text_is_said(values: list[str], says: str) -> None:
    column, notes = typed(values)
    assert column.to_list() == values
    assert notes == [f"column 'x': {says}, read as text: {values[0]!r}, ..."]


@pytest.mark.parametrize("values", [["10.0.0.1", "10.0.0.2"], ["a", "b"], ["1.2.3", "1.2.4"], ["5%", "some"]])
def test_other_text_is_not_taken_for_them(values: list[str]) -> None:
    assert typed(values)[1] == []


def test_a_column_with_no_value_at_all_is_empty_text() -> None:
    column, notes = typed(["NA", "", "-"])
    assert column.to_list() == [None, None, None]
    assert notes == []


def test_text_after_a_hundred_thousand_numbers_makes_the_column_text_and_says_so() -> None:
    column, notes = typed([str(i) for i in range(100_000)], ["7", "broken", "8"])
    assert column.to_list()[-3:] == ["7", "broken", "8"]
    assert notes == [
        "column 'x': 1 of 100,003 values are not numbers, so all are read as text: 'broken' in row 100,002"
    ]


def test_a_decimal_after_whole_numbers_makes_all_of_them_floats() -> None:
    assert typed(["1", "2"], ["2.5"])[0].to_list() == [1.0, 2.0, 2.5]


def test_a_point_seen_before_rules_out_the_decimal_comma_and_the_thousands_point() -> None:
    column, _ = typed(["1.5", "2.25"], ["3,75"])
    assert column.to_list() == ["1.5", "2.25", "3,75"]


@pytest.mark.parametrize(("decimal_comma", "value"), [(True, 1.234), (False, 1234.0)])
def test_one_comma_before_three_digits_is_read_as_the_delimiter_suggests(
    decimal_comma: bool, value: float
) -> None:
    column, notes = typed(["1,234", "5,678"], decimal_comma=decimal_comma)
    assert column[0] == value
    assert len(notes) == 1


def test_days_and_months_that_could_change_places_are_pointed_out() -> None:
    _, notes = typed(["01/02/2024", "03/04/2024"])
    assert "the day or the month could come first" in notes[0]


def test_spaces_around_text_are_dropped() -> None:
    assert typed([" yes", " no "])[0].to_list() == ["yes", "no"]


@given(st.lists(st.floats(allow_nan=False), min_size=1))
def test_floats_written_by_python_come_back_exactly(numbers: list[float]) -> None:
    assert typed([repr(n) for n in numbers])[0].cast(pl.Float64).to_list() == numbers


@given(
    st.lists(
        st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=12), min_size=1, max_size=30
    )
)
def test_the_batches_do_not_matter(texts: list[str]) -> None:
    whole, _ = typed(texts)
    one_by_one, _ = typed(*([text] for text in texts))
    assert one_by_one.to_list() == whole.to_list()
    assert one_by_one.dtype == whole.dtype


@given(st.lists(st.text("0123456789,.eE+- '/:TZinfa?", min_size=1, max_size=9), min_size=1, max_size=6))
def test_no_value_gets_lost(texts: list[str]) -> None:
    missing = {text for text in texts if text.strip().lower() in MISSING or text.strip().lower() == "+nan"}
    column, _ = typed(texts)
    assert all(value is not None for text, value in zip(texts, column, strict=True) if text not in missing)
