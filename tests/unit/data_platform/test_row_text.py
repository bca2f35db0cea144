"""Conditions and places in addresses."""

import pytest

from core.domain.page import InvalidCursor
from data_platform.application.datasets.ports import Condition
from data_platform.presentation.row_text import (
    MalformedCondition,
    condition_of,
    row_after,
    row_cursor,
    text_of,
    where_is,
)


@pytest.mark.parametrize(
    ("text", "condition"),
    [
        ("amount:gte:100", Condition("amount", "gte", "100")),
        ("a:b:eq:x:y", Condition("a:b", "eq", "x:y")),
        ("note:contains:is :eq: this", Condition("note", "contains", "is :eq: this")),
        ("country:missing:", Condition("country", "missing", "")),
        ("heat:not_number:", Condition("heat", "not_number", "")),
        (":::eq:", Condition("::", "eq", "")),
    ],
)
def test_a_condition_is_read_and_written_alike(text: str, condition: Condition) -> None:
    assert condition_of(text) == condition
    assert text_of(condition) == text


@pytest.mark.parametrize("text", ["", "amount", ":eq:5", "amount:above:5", "amount:eq"])
def test_what_is_no_condition_is_refused(text: str) -> None:
    with pytest.raises(MalformedCondition):
        condition_of(text)


def test_a_value_that_is_missing_has_a_condition_as_well() -> None:
    assert where_is("country", "DE") == "country:eq:DE"
    assert where_is("country", None) == "country:missing:"
    assert where_is("country", "D" * 1_000) is None


def test_a_cursor_leads_to_the_row_after_it() -> None:
    assert row_after(row_cursor(41)) == 42
    assert row_after(None) == 0


@pytest.mark.parametrize("cursor", ["x", "é", "cm93", row_cursor(1)[:-2], row_cursor(10**17)])
def test_a_cursor_of_another_kind_is_refused(cursor: str) -> None:
    with pytest.raises(InvalidCursor):
        row_after(cursor)
