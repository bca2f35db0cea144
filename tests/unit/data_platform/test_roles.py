"""Each column gets the role a careful person would give it, with the reason, and the caller has the last word."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

import numpy as np
import polars as pl
import pytest

from data_platform.domain.labels import InvalidLabel
from data_platform.domain.preprocessor import Preprocessor
from data_platform.domain.schema import (
    ColumnChoices,
    ConflictingRoles,
    Decision,
    Kind,
    MissingPolicy,
    NoUsableColumn,
    Role,
    UnknownColumn,
)

ROWS = 200
RANDOM = np.random.default_rng(0)
MEASURED = RANDOM.normal(100, 10, ROWS)


def decisions(choices: ColumnChoices | None = None, **columns: object) -> dict[str, Decision]:
    frame = pl.DataFrame({"measured": MEASURED} | columns, strict=False)
    return {d.column: d for d in Preprocessor.fit(frame, choices or ColumnChoices()).decisions}


def decision(values: object, *, name: str = "column", choices: ColumnChoices | None = None) -> Decision:
    return decisions(choices, **{name: values})[name]


def cycled(values: Sequence[object]) -> list[object]:
    return [values[i % len(values)] for i in range(ROWS)]


@pytest.mark.parametrize(
    ("values", "kind", "reason"),
    [
        (MEASURED, Kind.NUMERIC, "numeric"),
        (RANDOM.integers(0, 1000, ROWS), Kind.NUMERIC, "numeric"),
        (RANDOM.permutation(ROWS) * 7, Kind.NUMERIC, "numeric"),
        (cycled([True, False]), Kind.BOOLEAN, "boolean"),
        (cycled([0, 1, 1]), Kind.BOOLEAN, "boolean: 0 or 1"),
        (cycled(["true", "False"]), Kind.BOOLEAN, "boolean: true or false as text"),
        (cycled(["DE", "FR", " DE "]), Kind.CATEGORY, "2 categories"),
        (cycled(["007", "012"]), Kind.CATEGORY, "2 categories"),
        ([f"{x:.3f}" for x in MEASURED], Kind.NUMERIC, "numeric: numbers written as text"),
        ([timedelta(seconds=float(x)) for x in MEASURED], Kind.NUMERIC, "numeric: durations in seconds"),
        (pl.Series(MEASURED).cast(pl.Decimal(12, 3)), Kind.NUMERIC, "numeric"),
        (pl.Series(cycled(["a", "b"]), dtype=pl.Categorical), Kind.CATEGORY, "2 categories"),
        (
            [2**60 + int(i) * 1000 for i in RANDOM.permutation(ROWS)],
            Kind.NUMERIC,
            "numeric: whole numbers beyond 2^53 rounded to 53 bits",
        ),
        (MEASURED * 1e300, Kind.NUMERIC, "numeric: beyond 1e100 counted as 1e100"),
    ],
)
def test_columns_that_measure_something_are_features(values: object, kind: Kind, reason: str) -> None:
    found = decision(values)
    assert (found.kind, found.role, found.reason) == (kind, Role.FEATURE, reason)


@pytest.mark.parametrize(
    ("values", "kind", "reason"),
    [
        ([3.0] * ROWS, Kind.NUMERIC, "constant: 3 in every row"),
        (["x"] * ROWS, Kind.CATEGORY, "constant: x in every row"),
        (["x" * 5000] * ROWS, Kind.CATEGORY, f"constant: {'x' * 57}... in every row"),
        ([None] * ROWS, Kind.EMPTY, "no usable value in any row"),
        ([float("nan")] * ROWS, Kind.EMPTY, "no usable value in any row"),
        (["  "] * ROWS, Kind.EMPTY, "no usable value in any row"),
        ([[1, 2]] * ROWS, Kind.NESTED, "nested values (list(int64)) cannot be compared"),
        (
            [f"a text about {i}" for i in range(ROWS)],
            Kind.TEXT,
            "200 different texts in 200 rows: too many for categories",
        ),
        (
            [date(2024, 1, 1 + i % 5) for i in range(ROWS)],
            Kind.DATETIME,
            "dates; too short a time for hours, weekdays or months",
        ),
    ],
)
def test_columns_that_say_nothing_are_ignored_with_the_reason(
    values: object, kind: Kind, reason: str
) -> None:
    found = decision(values)
    assert (found.kind, found.role, found.reason) == (kind, Role.IGNORED, reason)


@pytest.mark.parametrize(
    ("name", "values", "reason"),
    [
        ("n", np.arange(1, ROWS + 1), "numbers the rows, 1 to 200"),
        ("n", RANDOM.permutation(ROWS), "each whole number from 0 to 199 once: numbers the rows"),
        (
            "counter",
            np.cumsum(RANDOM.integers(1, 9, ROWS)),
            "rises or falls with every row, as a row number or a counter does",
        ),
        ("customer_id", RANDOM.permutation(ROWS) * 7, "unique per row and named like an identifier"),
        (
            "orderId",
            [float(i) for i in RANDOM.permutation(ROWS) * 7],
            "unique per row and named like an identifier",
        ),
        ("key", [f"row {i}" for i in range(ROWS)], "unique per row and named like an identifier"),
        ("code", [f"C{i:05d}" for i in range(ROWS)], "codes, unique per row"),
        ("device", [f"{i:08x}-0000-4000-8000-000000000000" for i in range(ROWS)], "UUIDs"),
    ],
)
def test_columns_that_name_the_rows_are_the_id(name: str, values: object, reason: str) -> None:
    found = decision(values, name=name)
    assert (found.role, found.reason) == (Role.ID, reason)


@pytest.mark.parametrize("name", ["paid", "humid", "valid", "width", "monkey"])
def test_words_that_end_like_an_identifier_are_none(name: str) -> None:
    assert decision(RANDOM.permutation(ROWS) * 7, name=name).role is Role.FEATURE


def test_unique_decimals_are_measurements_even_in_a_column_named_id() -> None:
    assert decision(MEASURED, name="id").role is Role.FEATURE


def test_a_reference_to_few_other_things_is_a_category() -> None:
    found = decision(RANDOM.integers(0, 12, ROWS), name="store_id")
    assert (found.kind, found.role) == (Kind.CATEGORY, Role.FEATURE)


def test_the_likeliest_of_several_identifiers_is_the_id() -> None:
    found = decisions(n=np.arange(ROWS), customer_id=RANDOM.permutation(ROWS) * 3)
    assert found["customer_id"].role is Role.ID
    assert found["n"].role is Role.IGNORED


def test_sorted_dates_are_the_time_and_give_calendar_features() -> None:
    found = decision([datetime(2024, 1, 1) + timedelta(hours=3 * i) for i in range(ROWS)])
    assert (found.role, found.reason) == (Role.TIME, "dates: hour, weekday")


def test_dates_written_as_text_are_dates() -> None:
    days = [f"2024-{1 + i % 12:02d}-{1 + i % 28:02d}" for i in range(ROWS)]
    assert decision(days).reason == "dates written as text: weekday"


@pytest.mark.parametrize("name", ["label", "Y", "class", "IS_ANOMALY", "anomaly"])
def test_a_column_named_like_a_label_with_two_values_is_no_feature(name: str) -> None:
    found = decision(cycled([0, 0, 1]), name=name)
    assert (found.role, found.reason) == (Role.LABEL, "named like a label, two values: no feature")


def test_a_column_named_like_a_label_with_three_values_is_a_feature() -> None:
    assert decision(cycled([0, 1, 2]), name="class").role is Role.FEATURE


def test_a_column_that_gives_the_label_away_is_ignored() -> None:
    found = decisions(label=cycled([0, 0, 0, 1]), attack=cycled(["none", "none", "none", "dos"]))
    assert found["attack"].role is Role.IGNORED
    assert found["attack"].reason == "says the same as the label 'label': no feature"


def test_numbers_among_which_a_few_texts_stand_are_numbers() -> None:
    values = [f"{x:.2f}" for x in MEASURED]
    values[3] = "error"
    found = decision(values)
    assert found.kind is Kind.NUMERIC
    assert "1 of 200 values are not numbers (first: 'error')" in found.reason


def test_gaps_are_told_with_what_stands_in_for_them() -> None:
    values = MEASURED.copy()
    values[[2, 5]] = [np.nan, np.inf]
    assert decision(values).reason == (
        "numeric; 2 of 200 missing or infinite: the median, and a column that says where"
    )


def test_a_constant_with_gaps_is_no_feature_where_nothing_shows_the_gaps() -> None:
    found = decision(cycled([1.0, None]), choices=ColumnChoices(missing=MissingPolicy.MEDIAN))
    assert (found.role, found.reason) == (Role.IGNORED, "1 in every row that has a value")


def test_the_caller_decides() -> None:
    choices = ColumnChoices(ignore=("a",), id="b", time="c", label="d", categorical=("e",))
    found = decisions(
        choices, a=MEASURED, b=MEASURED, c=MEASURED, d=cycled(["ok", "bad"]), e=RANDOM.integers(0, 3, ROWS)
    )
    assert [found[name].role for name in "abcde"] == [
        Role.IGNORED,
        Role.ID,
        Role.TIME,
        Role.LABEL,
        Role.FEATURE,
    ]
    assert found["e"].kind is Kind.CATEGORY


def test_only_the_features_chosen_are_used() -> None:
    found = decisions(ColumnChoices(features=("row_id",)), row_id=np.arange(ROWS), other=MEASURED)
    assert {name: d.role for name, d in found.items()} == {
        "measured": Role.IGNORED,
        "row_id": Role.FEATURE,
        "other": Role.IGNORED,
    }
    assert found["other"].reason == "not among the features you chose"


def test_spaces_around_a_column_name_do_not_matter_to_a_choice() -> None:
    assert decisions(ColumnChoices(ignore=("b",)), **{" b ": MEASURED})[" b "].role is Role.IGNORED


def test_an_unknown_column_is_refused_with_the_nearest_names() -> None:
    with pytest.raises(UnknownColumn, match=r"no column 'mesured'. Did you mean 'measured'"):
        decisions(ColumnChoices(ignore=("mesured",)))


def test_two_roles_for_one_column_are_refused() -> None:
    with pytest.raises(ConflictingRoles, match="'measured' is to be ignored and the label"):
        decisions(ColumnChoices(ignore=("measured",), label="measured"))


def test_a_label_of_three_values_is_refused_with_its_values() -> None:
    with pytest.raises(InvalidLabel, match="has 3 values: 'a', 'b', 'c'; it must have two"):
        decisions(ColumnChoices(label="kind"), kind=cycled(["a", "b", "c"]))


def test_a_table_without_a_usable_column_is_refused_with_every_reason() -> None:
    frame = pl.DataFrame({"a": [1.0] * 20, "b": [None] * 20})
    with pytest.raises(
        NoUsableColumn, match="'a': constant: 1 in every row, 'b': no usable value in any row"
    ):
        Preprocessor.fit(frame, ColumnChoices())


def test_a_table_without_columns_is_refused() -> None:
    with pytest.raises(NoUsableColumn, match="The table has no columns"):
        Preprocessor.fit(pl.DataFrame(), ColumnChoices())


@pytest.mark.parametrize("name", ["^.*$", "*", "", "a b", "ünï", "x" * 500, "{a}"])
def test_any_column_name_will_do(name: str) -> None:
    frame = pl.DataFrame({name: MEASURED, "other": [str(i % 3) + "x" for i in range(ROWS)]})
    prepared = Preprocessor.fit(frame, ColumnChoices())
    assert prepared.sources == (name, "other")
    assert prepared.transform(frame).shape == (ROWS, 2)
