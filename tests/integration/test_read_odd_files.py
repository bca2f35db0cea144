"""Files as people have them: other encodings, five thousand columns, numbers that turn into words far down."""

from datetime import UTC, date, datetime
from pathlib import Path

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from data_platform.application.ports import Table
from data_platform.infrastructure.readers import open_table as opening
from data_platform.infrastructure.readers.open_table import open_table


def opened(folder: Path, content: bytes | str, name: str = "t.csv") -> Table:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return open_table(str(path))


def rows(table: Table) -> list[tuple[object, ...]]:
    return pl.concat(list(table.batches())).rows()


@pytest.mark.parametrize(
    ("encoding", "note", "text"),
    [
        ("latin-1", "decoded as cp1252", "Müller,Köln"),
        ("cp1252", "decoded as cp1252", "5 €,“quoted”"),
        ("cp1251", "decoded as cp1251", "Привет как дела сегодня,Москва и Владивосток"),
        ("shift_jis", "decoded as shift_jis", "こんにちは世界これはテストです,東京都と大阪府"),
        ("utf-16", "decoded as UTF-16-LE", "Müller,数"),
        ("utf-16-le", "decoded as UTF-16-LE", "Mueller,Koeln"),
        ("utf-32", "decoded as UTF-32-LE", "Müller,数"),
    ],
)
def test_other_encodings_are_found_and_said(tmp_path: Path, encoding: str, note: str, text: str) -> None:
    table = opened(tmp_path, f"name,city\n{text}\n{text}\n".encode(encoding))
    assert rows(table)[0] == tuple(text.split(","))
    assert note in table.notes[0]


def test_an_accent_in_a_late_chunk_is_decoded_too(tmp_path: Path) -> None:
    table = opened(tmp_path, b"n,word\n" + b"1,plain\n" * 300_000 + "2,caf\xe9\n".encode("latin-1"))
    assert rows(table)[-1] == (2, "café")
    assert table.notes == ("decoded as cp1252: it is not UTF-8",)


def test_text_among_numbers_is_named_by_its_line(tmp_path: Path) -> None:
    content = 'n,note\n\n1,"two\nlines"\n2,\n\nbroken,\n4,\n'
    assert opened(tmp_path, content).notes == (
        "column 'n': 1 of 4 values are not numbers, so all are read as text: 'broken' in row 7",
    )


@pytest.mark.parametrize(
    ("content", "note"),
    [
        ("Report of 2025\n\nn,note\n1,a\n2,b\n", "left out above the header: 'Report of 2025'"),
        ("n,price\n1,2,5\n3,4,5\n", "rows have one value more than the header has names"),
        ("n price\n1 2\n3 4\n", "one column: values are told apart by comma, semicolon, tab or |"),
    ],
)
def test_what_may_be_read_otherwise_than_it_was_meant_is_said(
    tmp_path: Path, content: str, note: str
) -> None:
    [said] = opened(tmp_path, content).notes
    assert said.startswith(note)


@pytest.mark.parametrize(("last", "is_said"), [('3,"open\n4,d\n', True), ('3,"two\nlines"\n', False)])
def test_a_quote_that_is_never_closed_is_said(tmp_path: Path, last: str, is_said: bool) -> None:
    notes = opened(tmp_path, f'n,note\n1,"a"\n2,b\n{last}').notes
    assert ('a quote " in row 4 is never closed: the lines after it are one value' in notes) is is_said


def test_a_file_too_large_to_keep_is_read_again_alike(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = (
        "n;x;d\n"
        + "".join(f"{i};{i},5;{i % 28 + 1:02}.03.2024\n" for i in range(100_000))
        + "end;1,5;01.01.2024\n"
    )
    kept = rows(opened(tmp_path, content))
    monkeypatch.setattr(opening, "SMALL_FILE", 0)
    table = open_table(str(tmp_path / "t.csv"))
    assert table.row_count() == 100_001
    assert rows(table) == kept
    assert kept[0] == ("0", 0.5, date(2024, 3, 1))
    assert (
        "column 'n': 1 of 100,001 values are not numbers, so all are read as text: 'end' in row 100,002"
        in table.notes
    )


def test_five_thousand_columns_are_read(tmp_path: Path) -> None:
    names = ",".join(f"column {i}" for i in range(5000))
    table = opened(tmp_path, names + "\n" + (",".join(map(str, range(5000))) + "\n") * 300)
    assert len(table.schema) == 5000
    assert [len(batch) for batch in table.batches(columns=["column 7", "column 4999"])] == [300]
    assert max(len(batch) for batch in table.batches()) == 300


def test_quoted_delimiters_quotes_and_line_ends_stay_in_the_value(tmp_path: Path) -> None:
    table = opened(tmp_path, 'a,b\n"x, ""y""\nz",1\n"",2\n')
    assert rows(table) == [('x, "y"\nz', 1), (None, 2)]


def test_values_of_megabytes_are_read(tmp_path: Path) -> None:
    table = opened(tmp_path, "a,b\n" + f"{'x' * 3_000_000},1\n" * 3)
    assert [len(str(row[0])) for row in rows(table)] == [3_000_000] * 3


def test_backslash_escapes_are_found(tmp_path: Path) -> None:
    assert rows(opened(tmp_path, 'a,b\n"x \\"y\\" z",1\n'))[0] == ('x "y" z', 1)


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("a,b\n1,2", [(1, 2)]),
        ("a\n5\n", [(5,)]),
        ("5\n6\n", [(5,), (6,)]),
        ("a,b,\n1,2,\n3,4,\n", [(1, 2, None), (3, 4, None)]),
        ("a,b\n1,2,\n3,4,\n", [(1, 2), (3, 4)]),
        ("a,b\r\n1,x \r\n", [(1, "x")]),
        ("日本,größe\n1,2\n", [(1, 2)]),
        ("a,b\n,\n1,2\n", [(None, None), (1, 2)]),
        ("x\n1e400\n-1e400\n3\n", [(float("inf"),), (float("-inf"),), (3.0,)]),
    ],
)
def test_small_oddities_are_read(tmp_path: Path, content: str, expected: list[tuple[object, ...]]) -> None:
    assert rows(opened(tmp_path, content)) == expected


@pytest.mark.parametrize(
    ("name", "content", "expected"),
    [
        ("t.json", '[{"a": 1}, {"a": 2.5, "b": "x"}]', {"a": [1.0, 2.5], "b": [None, "x"]}),
        ("t.json", "[[1, 2], [3, 4]]", {"x0": [1, 3], "x1": [2, 4]}),
        ("t.json", "[1, 2, null]", {"x0": [1, 2, None]}),
        ("t.json", '{"a": [1, 2], "b": ["x", "y"]}', {"a": [1, 2], "b": ["x", "y"]}),
        ("t.json", '{"count": 2, "rows": [{"a": 1}, {"a": 2}]}', {"a": [1, 2]}),
        ("t.json", '{\n "a": 1,\n "b": {"c": 2}\n}', {"a": [1], "b.c": [2]}),
        (
            "t.ndjson",
            '{"a": {"b": 1, "c": {"d": 2}}}\n{"a": null}\n',
            {"a.b": [1, None], "a.c": ['{"d":2}', None]},
        ),
        ("t.ndjson", '{"a": 1}\n\n{"b": 2}', {"a": [1, None], "b": [None, 2]}),
        ("t.ndjson", '{"a": 1}\n{"a": "x"}\n', {"a": ["1", "x"]}),
        ("t.ndjson", '{"a": true}\n{"a": 7}\n', {"a": ["true", "7"]}),
        ("t.ndjson", '{"a": [1, 2]}\n{"a": 3}\n', {"a": ["[1, 2]", "3"]}),
        ("t.ndjson", '{"a": 1e400}\n{"a": 1}\n', {"a": [float("inf"), 1.0]}),
        ("t.ndjson", '{"a": "2024-01-31"}\n{"a": null}\n', {"a": [date(2024, 1, 31), None]}),
        ("t.ndjson", '{"a": "2024-01-31T10:00:00Z"}\n', {"a": [datetime(2024, 1, 31, 10, tzinfo=UTC)]}),
        ("t.ndjson", '{"a": "12"}\n', {"a": ["12"]}),
        ("t.ndjson", '{"a": 9223372036854775808}\n{"a": 1}\n', {"a": ["9223372036854775808", "1"]}),
        ("t.ndjson", '{"a": {"b": -9223372036854775809}}\n', {"a.b": ["-9223372036854775809"]}),
        ("t.ndjson", '{"a": [9223372036854775808]}\n', {"a": ["[9223372036854775808]"]}),
        ("text", '{"a": 1}\n{"a": 2}\n', {"a": [1, 2]}),
    ],
)
def test_json_of_any_usual_shape_becomes_columns(
    tmp_path: Path, name: str, content: str, expected: dict[str, list[object]]
) -> None:
    table = opened(tmp_path, content, name)
    read = pl.concat(list(table.batches()))
    assert read.to_dict(as_series=False) == expected
    assert read.to_arrow().num_rows == len(read), "no type that cannot be stored"


def test_json_whose_keys_and_types_change_far_down_keeps_one_schema(tmp_path: Path) -> None:
    lines = ['{"n": 1, "s": "a"}'] * 400_000 + ['{"n": 2.5, "new": true}', '{"n": "text"}']
    table = opened(tmp_path, "\n".join(lines), "t.ndjson")
    assert dict(table.schema) == {"n": pl.String, "s": pl.String, "new": pl.Boolean}
    assert rows(table)[0] == ("1", "a", None)
    assert rows(table)[-2:] == [("2.5", None, True), ("text", None, None)]
    assert "column 'n': values of different kinds, read as text" in table.notes


def test_a_long_json_array_is_read_in_pieces(tmp_path: Path) -> None:
    content = "[" + ",\n".join(f'{{"n": {i}, "s": "{"x" * 50}"}}' for i in range(45_000)) + "]"
    table = opened(tmp_path, content, "t.json")
    assert table.row_count() == 45_000
    assert rows(table)[-1] == (44_999, "x" * 50)


def test_parquet_parts_with_other_columns_are_united(tmp_path: Path) -> None:
    pl.DataFrame({"a": [1], "b": [True]}).write_parquet(tmp_path / "1.parquet")
    pl.DataFrame({"a": [2.5], "c": ["x"]}).write_parquet(tmp_path / "2.parquet")
    table = open_table(str(tmp_path))
    assert dict(table.schema) == {"a": pl.Float64, "b": pl.Boolean, "c": pl.String}
    assert rows(table) == [(1.0, True, None), (2.5, None, "x")]


def test_folders_named_by_a_value_are_columns(tmp_path: Path) -> None:
    for year, value in (("2023", 1), ("2024", 2)):
        (tmp_path / f"year={year}").mkdir()
        pl.DataFrame({"a": [value], "b": ["x"]}).write_parquet(tmp_path / f"year={year}" / "0.parquet")
    table = open_table(str(tmp_path))
    assert rows(table) == [(1, "x", "2023"), (2, "x", "2024")]
    assert pl.concat(list(table.batches(columns=["year"])))["year"].to_list() == ["2023", "2024"]


def test_arrow_types_that_polars_lacks_are_read(tmp_path: Path) -> None:
    table = pa.table(
        {
            "wide": pa.array([1, None], pa.decimal256(50, 2)),
            "half": pa.array([1.5, 2.5], pa.float16()),
            "category": pa.array(["x", "y"]).dictionary_encode(),
            "nothing": pa.nulls(2),
            "when": pa.array([0, 1], pa.timestamp("s", "Europe/Berlin")),
        }
    )
    pq.write_table(table, tmp_path / "t.parquet")
    read = open_table(str(tmp_path / "t.parquet"))
    first = rows(read)[0]
    assert first[0] == 1.0
    assert first[1] == 1.5
    assert first[2:4] == ("x", None)
    assert read.schema["category"] == pl.String
