import csv
import io
import json
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain.errors import NotFound
from core.presentation.json_text import json_text
from core.presentation.output import Output, OutputFormat, csv_lines
from core.presentation.table_text import cell, table

ROWS = [
    {"name": "a", "score": 0.5, "parts": {"x": 1.25}},
    {"name": 'b,"c"', "score": float("nan"), "parts": None},
]
TABLE, JSON, NDJSON, CSV = OutputFormat.TABLE, OutputFormat.JSON, OutputFormat.NDJSON, OutputFormat.CSV


class Colour(StrEnum):
    RED = "red"


def strict(text: str) -> object:
    def refuse(constant: str) -> object:
        raise AssertionError(constant)

    return json.loads(text, parse_constant=refuse)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (float("nan"), "null"),
        ({"a": [float("inf"), 1.5]}, '{"a": [null, 1.5]}'),
        (np.float64("nan"), "null"),
        (np.float32(0.5), "0.5"),
        (np.int64(3), "3"),
        (np.bool_(True), "true"),
        (np.array([1.0, np.inf]), "[1.0, null]"),
        (Decimal("1.50"), "1.5"),
        (Decimal("12345678901234567890"), "12345678901234567890"),
        (Decimal("NaN"), "null"),
        (date(2024, 2, 29), '"2024-02-29"'),
        (datetime(2024, 2, 29, 12, tzinfo=UTC), '"2024-02-29T12:00:00+00:00"'),
        (timedelta(seconds=90), "90.0"),
        (b"\x00\xff", '"00ff"'),
        ({Colour.RED: Colour.RED}, '{"red": "red"}'),
        ((1, None, True), "[1, null, true]"),
        (10**30, "1" + "0" * 30),
        ("é\n", '"é\\n"'),
    ],
)
def test_json_is_strict_whatever_the_type(value: object, text: str) -> None:
    assert json_text(value) == text


@given(st.dictionaries(st.text(), st.floats() | st.text() | st.none() | st.lists(st.floats())))
def test_json_never_holds_nan_or_infinity(document: Mapping[str, object]) -> None:
    assert isinstance(strict(json_text(document)), dict)


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"])), min_size=1, max_size=4))
def test_csv_fields_come_back_as_they_were(fields: list[str]) -> None:
    columns = [str(i) for i in range(len(fields))]
    rows = [dict(zip(columns, fields, strict=True))]
    text = "\n".join(csv_lines(rows, columns)) + "\n"
    assert list(csv.DictReader(io.StringIO(text, newline=""))) == rows


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, ""),
        (True, "true"),
        (3, "3"),
        (0.1 + 0.2, "0.3"),
        (123456.0, "123456"),
        (1234567.5, "1234567.5"),
        (1.5e20, "1.5e+20"),
        (1e-12, "1e-12"),
        (float("nan"), "nan"),
        (np.float64(0.25), "0.25"),
        ("\x1b[31mred\x1b[0m\n", "\\x1b[31mred\\x1b[0m\\n"),
        ({"a": 1}, '{"a": 1}'),
        (datetime(2024, 1, 1, 6, 30), "2024-01-01 06:30:00"),
    ],
)
def test_a_table_cell_is_readable_and_steers_no_terminal(value: object, text: str) -> None:
    assert cell(value) == text


def test_a_table_has_no_borders_and_numbers_to_the_right() -> None:
    rows = [{"name": "alpha", "n": 5, "note": "x" * 200}, {"name": "b", "n": 1000, "note": ""}]
    assert table(rows, ["name", "n", "note"]).splitlines() == [
        "name      n  note",
        "alpha     5  " + "x" * 200,
        "b      1000",
    ]


def test_rows_are_printed_in_each_form(capsys: pytest.CaptureFixture[str]) -> None:
    printed = {}
    for form in OutputFormat:
        Output(form).rows(ROWS, schema="anom.things/1")
        printed[form] = capsys.readouterr().out
    assert printed[TABLE].splitlines() == [
        "name   score  parts",
        'a        0.5  {"x": 1.25}',
        'b,"c"    nan',
    ]
    plain = [ROWS[0], {"name": 'b,"c"', "score": None, "parts": None}]
    assert strict(printed[JSON]) == {"schema": "anom.things/1", "items": plain}
    assert [strict(line) for line in printed[NDJSON].splitlines()] == plain
    assert printed[CSV] == 'name,score,parts\na,0.5,"{""x"": 1.25}"\n"b,""c""",,\n'


def test_columns_can_be_chosen_and_the_header_left_out(capsys: pytest.CaptureFixture[str]) -> None:
    Output(CSV, ("score", "name"), header=False).rows(ROWS, schema="anom.things/1")
    assert capsys.readouterr().out == '0.5,a\n,"b,""c"""\n'
    Output(NDJSON, ("name",)).rows(ROWS, schema="anom.things/1")
    assert capsys.readouterr().out.splitlines()[0] == '{"name": "a"}'


def test_a_column_that_is_not_printed_is_not_found() -> None:
    with pytest.raises(NotFound, match="'score'"):
        Output(CSV, ("scroe",)).rows(ROWS, schema="anom.things/1")


def test_rows_with_different_keys_share_all_columns(capsys: pytest.CaptureFixture[str]) -> None:
    Output(CSV).rows([{"a": 1}, {"b": 2}], schema="anom.things/1")
    assert capsys.readouterr().out == "a,b\n1,\n,2\n"


@pytest.mark.parametrize(("form", "text"), [(TABLE, ""), (NDJSON, ""), (CSV, "")])
def test_no_rows_print_nothing(form: OutputFormat, text: str, capsys: pytest.CaptureFixture[str]) -> None:
    Output(form).rows([], schema="anom.things/1")
    assert capsys.readouterr().out == text


def test_no_rows_are_an_empty_list_in_json(capsys: pytest.CaptureFixture[str]) -> None:
    Output(JSON, ("any",)).rows([], schema="anom.things/1")
    assert strict(capsys.readouterr().out) == {"schema": "anom.things/1", "items": []}


def test_rows_are_printed_as_they_come_when_their_columns_are_known(
    capsys: pytest.CaptureFixture[str],
) -> None:
    seen = []

    def endless() -> object:
        yield {"n": 1}
        seen.append(capsys.readouterr().out)

    Output(CSV).rows(endless(), schema="anom.things/1", columns=["n"])  # type: ignore[arg-type]  # a generator
    assert seen == ["n\n1\n"]


def test_a_document_is_json_in_full_and_rows_otherwise(capsys: pytest.CaptureFixture[str]) -> None:
    document = {"schema": "anom.thing/1", "a": {"b": 1, "c": None}, "d": [1, 2]}
    Output(JSON).document(document)
    assert strict(capsys.readouterr().out) == document
    Output(NDJSON).document(document)
    assert capsys.readouterr().out == json.dumps(document) + "\n"
    Output(TABLE).document(document)
    assert capsys.readouterr().out.splitlines() == ["name  value", "a.b   1", "a.c", "d     [1, 2]"]
    Output(CSV).document(document, rows=[{"x": 1}])
    assert capsys.readouterr().out == "x\n1\n"
