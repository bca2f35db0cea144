"""Which of two values marks the anomalies."""

import polars as pl
import pytest

from data_platform.application.find_label import find_label
from data_platform.application.frames.frame_table import FrameTable
from data_platform.domain.labels import InvalidLabel, label_values
from data_platform.domain.schema import UnknownColumn


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([0, 0, 1], [False, False, True]),
        ([1, 1, 0], [True, True, False]),
        ([1.0, 0.0, 0.0], [True, False, False]),
        ([True, False, True], [True, False, True]),
        (["normal", "dos", "dos"], [False, True, True]),
        (["outlier", "x", "x"], [True, False, False]),
        (["Yes", "no", "Yes"], [True, False, True]),
        ([1, -1, 1], [True, False, True]),
        (["a", "a", "b"], [False, False, True]),
        (["benign", "fraud", "fraud"], [False, True, True]),
    ],
)
def test_the_anomaly_is_known_by_its_word_or_else_by_its_rarity(
    values: list[object], expected: list[bool]
) -> None:
    assert label_values(pl.Series("label", values)).tolist() == expected


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ([1, 1, 1], "has 1 value: '1'; it must have two"),
        ([1, 2, 3], "has 3 values: '1', '2', '3'; it must have two"),
        ([1, None, 0], "has 1 rows without a value"),
        ([[1], [2]], "holds list"),
    ],
)
def test_columns_that_are_no_label_are_refused(values: list[object], said: str) -> None:
    with pytest.raises(InvalidLabel, match=said):
        label_values(pl.Series("label", values))


def test_a_label_is_found_by_name_whatever_its_capitals() -> None:
    table = FrameTable(pl.DataFrame({"x": [1.0, 2.0], "Class": [0, 1]}), "t")
    found = find_label(table, None)
    assert found is not None
    assert (found.name, found.anomaly) == ("Class", "1")


def test_a_column_with_more_values_is_passed_over_for_the_next_name() -> None:
    table = FrameTable(pl.DataFrame({"label": [1, 2, 3], "class": ["n", "y", "n"]}), "t")
    found = find_label(table, None)
    assert found is not None
    assert found.name == "class"


def test_no_label_is_found_where_none_is_named_like_one() -> None:
    assert find_label(FrameTable(pl.DataFrame({"x": [0, 1]}), "t"), None) is None


def test_a_named_label_must_be_there() -> None:
    with pytest.raises(UnknownColumn, match=r"'lable'\. Did you mean 'label'"):
        find_label(FrameTable(pl.DataFrame({"label": [0, 1]}), "t"), "lable")


def test_a_value_that_training_did_not_have_is_refused() -> None:
    found = find_label(FrameTable(pl.DataFrame({"y": [0, 1]}), "t"), "y")
    assert found is not None
    with pytest.raises(InvalidLabel, match=r"has a value '2'\. Every row must be '1' or '0'"):
        found.is_anomaly(pl.DataFrame({"y": [2]}))
