"""What cannot be read is refused with what, where and how to mend it."""

import gzip
import io
import os
from pathlib import Path

import polars as pl
import pyarrow as pa
import pytest

from core.domain.errors import DomainError, Forbidden, InvalidOption, NotFound
from data_platform.application.ports import Table
from data_platform.application.refusals import InvalidTable
from data_platform.infrastructure.readers.open_table import open_table
from data_platform.infrastructure.readers.spool import SpoolFull, SpoolSettings


def opened(folder: Path, content: bytes | str, name: str = "t.csv") -> Table:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return open_table(str(path))


def rows(table: Table) -> list[tuple[object, ...]]:
    return pl.concat(list(table.batches())).rows()


def _zstandard(content: bytes) -> bytes:
    sink = pa.BufferOutputStream()
    with pa.CompressedOutputStream(sink, "zstd") as file:
        file.write(content)
    return bytes(sink.getvalue())


BIG_CSV = "a,b\n" + "".join(f"{i},{i * 7919 % 10007}\n" for i in range(50_000))


@pytest.mark.parametrize(
    ("content", "name", "words"),
    [
        (b"", "t.csv", "is empty"),
        (b"\n \n", "t.csv", "is empty"),
        (b"\xef\xbb\xbf", "t.csv", "is empty"),
        (gzip.compress(b"", mtime=0), "t.csv.gz", "is empty"),
        (b"a,b\n", "t.csv", "a header and no rows"),
        (b"a,b\n\n\n", "t.csv", "a header and no rows"),
        (b"a,a\n1,2\n", "t.csv", "more than one column named 'a'"),
        (b"\x00\x01\x02\x03" * 9, "t.csv", r"not text: byte 0x00 at offset 0"),
        (b"a,b\n" + b"1,2\n" * 20_000 + b"1,\x00\n", "t.csv", r"byte 0x00 at offset 80,006"),
        ("ä,b\n1,2\n".encode() + b"3,\xe4\n", "t.csv", r"UTF-8 up to byte 11, where byte 0xE4 is not"),
        (gzip.compress(BIG_CSV.encode(), mtime=0)[:-2000], "t.csv.gz", "gzip-compressed and ends too early"),
        (
            gzip.compress(BIG_CSV.encode(), mtime=0)[:50] + b"x" * 90,
            "t.csv.gz",
            "gzip-compressed and damaged",
        ),
        (_zstandard(BIG_CSV.encode())[:-2000], "t.csv.zst", "zstandard-compressed and ends too early"),
        (b'a,b\n1,"2\n' + b"3,4\n" * 600_000, "t.csv", "a quote that is never closed"),
        (b"PK\x03\x04....", "t.xlsx", "an Excel workbook"),
        (b"SQLite format 3\0....", "t.db", "an SQLite database"),
        (b"\x80\x04\x95\x00", "t.pkl", "a pickle, which is never read"),
        (b"a,b\n1,2\n", "t.parquet", "not a Parquet file"),
        (b"PAR1 and no more", "t.parquet", "damaged or cut off"),
        (b"ARROW1\0\0....", "t.arrow", "damaged or cut off"),
        (b"\xff\xff\xff\xff....", "t.arrows", "damaged or cut off"),
        (b'[{"a": 1},\n {"a": x}]', "t.json", "not valid JSON: Expecting value, line 2 column 8"),
        (b'[{"a": 1}, {"a": 2}', "t.json", "not valid JSON: .*, line 1 column 20"),
        (b'{"a": 1', "t.json", "not valid JSON: .*, line 1 column 8"),
        (b"a,b\n1,2\n", "t.json", "not valid JSON: Expecting value, line 1 column 1"),
        (b"[]", "t.json", "holds no rows"),
        (b"{}", "t.json", "JSON but not a table"),
        (b"3", "t.json", "JSON but not a table"),
        (b'{"a": 1}\n{"a": }\n', "t.ndjson", "line 2: it is not valid JSON: Expecting value, column 7"),
        (b'{"a": 1}\n[1, 2]\n', "t.ndjson", "line 2: it holds an array, not an object"),
        (b'{"a": 1}\n3\n', "t.ndjson", "line 2: it holds a number, not an object"),
    ],
)
def test_content_that_is_no_table_is_named(tmp_path: Path, content: bytes, name: str, words: str) -> None:
    with pytest.raises(InvalidTable, match=words) as caught:
        rows(opened(tmp_path, content, name))
    assert name in caught.value.detail
    assert caught.value.fix
    assert "\n" not in str(caught.value)


def test_ragged_rows_are_named_by_their_first_five_lines(tmp_path: Path) -> None:
    text = 'a,b\r\n"x\r\ny",1\r\n\r\n1\r\n2,2\r\n1,2,3\r\n"p\r\nq",1,2\r\n4\r\n5\r\n6\r\n'
    with pytest.raises(InvalidTable, match=r"has 2 columns, but lines 5, 7, 8, 10, 11 have 1 or 3 fields"):
        opened(tmp_path, text)


@pytest.mark.parametrize(
    ("content", "name", "problems"),
    [
        ("a,b\n1,2\n\n3\n4,5,6\n", "t.csv", [(4, "1 field instead of 2"), (5, "3 fields instead of 2")]),
        ('{"a": 1}\n{"a": }\n\n3\n', "t.ndjson", [(2, "Expecting value, column 7"), (4, "holds a number")]),
        ('[{"a": 1},\n {"a": x}]', "t.json", [(2, "Expecting value, line 2 column 8")]),
    ],
)
def test_the_rows_that_are_wrong_are_listed(
    tmp_path: Path, content: str, name: str, problems: list[tuple[int, str]]
) -> None:
    with pytest.raises(InvalidTable) as caught:
        rows(opened(tmp_path, content, name))
    found = caught.value.problems
    assert [(each.row, each.column) for each in found] == [(row, None) for row, _ in problems]
    assert all(words in each.detail for each, (_, words) in zip(found, problems, strict=True))


@pytest.mark.parametrize(("name", "bad"), [("t.csv", "1"), ("t.ndjson", "{")])
def test_no_more_than_twenty_are_listed_however_far_apart(tmp_path: Path, name: str, bad: str) -> None:
    good = {"t.csv": "1,2", "t.ndjson": '{"a": 1, "b": 2}'}[name]
    lines = [("a,b" if name == "t.csv" else good), *([good] * 400_000 + [bad]) * 2, *[bad] * 30]
    with pytest.raises(InvalidTable) as caught:
        opened(tmp_path, "\n".join(lines), name)
    assert [each.row for each in caught.value.problems][:3] == [400_002, 800_003, 800_004]
    assert len(caught.value.problems) == 20


@pytest.mark.parametrize(
    ("content", "is_title"),
    [
        ("Report of pumps, station 4\nMade by Ana\ntime,temp,pres\n1,2,3\n4,5,6\n", True),
        ("time,temp\n1,2\n3\n4,5,6\n", False),
    ],
)
def test_a_title_that_was_taken_for_the_header_is_told(tmp_path: Path, content: str, is_title: bool) -> None:
    with pytest.raises(InvalidTable, match=r"has 2 columns, but lines? .* fields?") as refused:
        opened(tmp_path, content)
    assert ("If the first lines are a title, take them out" in refused.value.fix) is is_title


def test_one_ragged_row_far_down_is_found(tmp_path: Path) -> None:
    with pytest.raises(InvalidTable, match="but line 50,002 has 1 field "):
        opened(tmp_path, BIG_CSV + "7\n")


def test_a_missing_file_names_its_neighbours(tmp_path: Path) -> None:
    (tmp_path / "sales_2024.csv").touch()
    with pytest.raises(NotFound, match=r"Did you mean 'sales_2024\.csv'"):
        open_table(str(tmp_path / "sales_2042.csv"))
    with pytest.raises(NotFound, match="no folder"):
        open_table(str(tmp_path / "nowhere" / "t.csv"))


def test_folders_and_patterns_without_tables_say_so(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("a\n1\n")
    (tmp_path / "b.csv").write_text("a\n1\n")
    with pytest.raises(NotFound, match="no Parquet files in it"):
        open_table(str(tmp_path))
    with pytest.raises(NotFound, match=r"No file matches .*x\*\.parquet"):
        open_table(str(tmp_path / "x*.parquet"))
    with pytest.raises(InvalidTable, match=r"matches 2 files, and .*a.csv is not Parquet"):
        open_table(str(tmp_path / "*.csv"))


def test_a_pattern_for_one_file_opens_it_and_a_real_name_with_brackets_too(tmp_path: Path) -> None:
    (tmp_path / "a[1].csv").write_text("a\n5\n")
    (tmp_path / "b.csv").write_text("a\n6\n")
    assert rows(open_table(str(tmp_path / "a[1].csv"))) == [(5,)]
    assert rows(open_table(str(tmp_path / "?.csv"))) == [(6,)]


def test_a_query_for_a_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidOption, match="is not a database"):
        open_table(str(tmp_path / "t.csv"), query="SELECT 1")


def test_a_file_that_may_not_be_read_is_not_called_missing(tmp_path: Path) -> None:
    path = tmp_path / ("n" * 300)
    with pytest.raises(DomainError, match="cannot be read: File name too long"):
        open_table(str(path))
    with pytest.raises(Forbidden, match="cannot be read"):
        open_table("/proc/self/mem" if os.name == "posix" else str(path))


def test_a_parquet_file_that_lost_its_middle_is_damaged(tmp_path: Path) -> None:
    path = tmp_path / "t.parquet"
    pl.DataFrame({"a": [str(i) for i in range(50_000)]}).write_parquet(path)
    content = bytearray(path.read_bytes())
    content[1000:40_000] = b"\xa5" * 39_000
    path.write_bytes(content)
    with pytest.raises(InvalidTable, match="damaged or cut off"):
        rows(open_table(str(path)))


def test_an_arrow_stream_that_was_cut_off_is_told(tmp_path: Path) -> None:
    file = io.BytesIO()
    pl.DataFrame({"a": range(10_000)}).write_ipc_stream(file)
    with pytest.raises(InvalidTable, match="damaged or cut off"):
        rows(opened(tmp_path, file.getvalue()[:-5000], "t.arrows"))


def test_rows_beyond_the_spools_limit_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "t.parquet.gz"
    pl.DataFrame({"a": [str(i) for i in range(5_000)]}).write_parquet(tmp_path / "t.parquet")
    path.write_bytes(gzip.compress((tmp_path / "t.parquet").read_bytes()))
    with pytest.raises(SpoolFull, match="allowed for temporary files"):
        open_table(str(path), spool=SpoolSettings(folder=tmp_path, limit_bytes=1000))
