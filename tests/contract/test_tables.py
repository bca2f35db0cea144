"""Whatever a table comes from, it is read alike: in order, again and again, by columns, in batches."""

import gzip
import io
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from data_platform.application.frames.python_tables import frame_table
from data_platform.application.ports import Table
from data_platform.infrastructure.readers import spool
from data_platform.infrastructure.readers.open_table import open_table

ROWS = 2_000
EXPECTED = pl.DataFrame(
    {
        "n": range(ROWS),
        "x": [None if i % 7 == 0 else i / 4 for i in range(ROWS)],
        "word": [f"wörd {i % 5}" for i in range(ROWS)],
        "flag": [i % 2 == 0 for i in range(ROWS)],
    }
)


def _csv() -> bytes:
    return EXPECTED.write_csv().encode()


def _zstandard(content: bytes) -> bytes:
    sink = pa.BufferOutputStream()
    with pa.CompressedOutputStream(sink, "zstd") as file:
        file.write(content)
    return bytes(sink.getvalue())


def _json() -> bytes:
    return EXPECTED.write_json().encode()


def _ndjson() -> bytes:
    return EXPECTED.write_ndjson().encode()


def _parquet(frame: pl.DataFrame = EXPECTED) -> bytes:
    file = io.BytesIO()
    frame.write_parquet(file, row_group_size=300)
    return file.getvalue()


def _arrow(write: Callable[..., pa.ipc.RecordBatchStreamWriter]) -> bytes:
    file, table = io.BytesIO(), EXPECTED.to_arrow()
    with write(file, table.schema) as writer:
        writer.write_table(table, max_chunksize=700)
    return file.getvalue()


FILES: dict[str, Callable[[], bytes]] = {
    "t.csv": _csv,
    "t.tsv": lambda: EXPECTED.write_csv(separator="\t").encode(),
    "semicolon.csv": lambda: EXPECTED.write_csv(separator=";", decimal_comma=True).encode(),
    "windows.csv": lambda: b"\xef\xbb\xbf" + _csv().replace(b"\n", b"\r\n"),
    "mac.csv": lambda: _csv().replace(b"\n", b"\r"),
    "utf16.csv": lambda: _csv().decode().encode("utf-16"),
    "latin1.csv": lambda: _csv().decode().encode("latin-1"),
    "csv.without.ending": _csv,
    "t.csv.gz": lambda: gzip.compress(_csv()),
    "t.csv.zst": lambda: _zstandard(_csv()),
    "two-members.csv.gz": lambda: gzip.compress(_csv()[:5000]) + gzip.compress(_csv()[5000:]),
    "t.json": _json,
    "t.json.gz": lambda: gzip.compress(_json()),
    "t.ndjson": _ndjson,
    "t.jsonl.zst": lambda: _zstandard(_ndjson()),
    "t.parquet": _parquet,
    "parquet.called.csv": _parquet,
    "t.parquet.gz": lambda: gzip.compress(_parquet()),
    "t.arrow": lambda: _arrow(pa.ipc.new_file),
    "t.arrows": lambda: _arrow(pa.ipc.new_stream),
    "t.arrows.gz": lambda: gzip.compress(_arrow(pa.ipc.new_stream)),
}


def _folder(folder: Path) -> Table:
    (folder / "parts" / "deep").mkdir(parents=True)
    (folder / "parts" / "a.parquet").write_bytes(_parquet(EXPECTED[:900]))
    (folder / "parts" / "deep" / "b.parquet").write_bytes(_parquet(EXPECTED[900:]))
    (folder / "parts" / "_SUCCESS").touch()
    return open_table(str(folder / "parts"))


def _pattern(folder: Path) -> Table:
    (folder / "p-1.parquet").write_bytes(_parquet(EXPECTED[:1]))
    (folder / "p-2.parquet").write_bytes(_parquet(EXPECTED[1:]))
    return open_table(str(folder / "p-*.parquet"))


def _query(folder: Path) -> Table:
    with sqlite3.connect(folder / "t.db") as database:
        database.execute("CREATE TABLE t (n INTEGER, x REAL, word TEXT)")
        database.executemany("INSERT INTO t VALUES (?, ?, ?)", EXPECTED.drop("flag").rows())
    database.close()
    return open_table(f"sqlite:///{folder / 't.db'}", query="SELECT * FROM t ORDER BY n;")


MADE: dict[str, Callable[[Path], Table]] = {
    "folder": _folder,
    "pattern": _pattern,
    "query": _query,
    "polars": lambda _: frame_table(EXPECTED),
    "lazy polars": lambda _: frame_table(EXPECTED.lazy()),
    "pandas": lambda _: frame_table(
        pd.DataFrame(EXPECTED.to_dict(as_series=False), index=range(5, ROWS + 5))
    ),
    "pyarrow": lambda _: frame_table(EXPECTED.to_arrow()),
    "mappings": lambda _: frame_table(EXPECTED.to_dicts()),
    "columns": lambda _: frame_table(EXPECTED.to_dict(as_series=False)),
}


@pytest.fixture(params=[*FILES, *MADE])
def table(request: pytest.FixtureRequest, tmp_path: Path) -> Table:
    if request.param in MADE:
        return MADE[request.param](tmp_path)
    path = tmp_path / request.param
    path.write_bytes(FILES[request.param]())
    return open_table(str(path))


def test_every_value_is_there_in_order_with_its_type(table: Table) -> None:
    expected = EXPECTED.select(list(table.schema))
    whole = pl.concat(list(table.batches()))
    assert whole.schema == dict(table.schema) == dict(expected.schema)
    assert whole.equals(expected)


def test_it_can_be_read_again_and_two_at_a_time(table: Table) -> None:
    pairs = list(zip(table.batches(rows=500), table.batches(rows=500), strict=True))
    assert sum(len(one) for one, _ in pairs) == ROWS
    assert all(one.equals(other) for one, other in pairs)


def test_batches_are_no_longer_than_asked_for_and_alike(table: Table) -> None:
    batches = list(table.batches(rows=300))
    assert max(len(batch) for batch in batches) <= 300
    assert all(batch.schema == dict(table.schema) for batch in batches)
    assert sum(len(batch) for batch in batches) == ROWS


def test_columns_come_in_the_order_asked_for(table: Table) -> None:
    batch = next(table.batches(columns=["word", "n"], rows=3))
    assert batch.rows() == [("wörd 0", 0), ("wörd 1", 1), ("wörd 2", 2)]


def test_no_columns_still_count_the_rows(table: Table) -> None:
    assert sum(len(batch) for batch in table.batches(columns=[])) == ROWS


def test_the_count_of_rows_is_right_where_it_is_known(table: Table) -> None:
    assert table.row_count() in (ROWS, None)


def test_a_reader_may_stop_early(table: Table) -> None:
    first = next(iter(table.batches(rows=10)))
    assert len(first) == 10


def test_rows_that_do_not_fit_into_memory_are_kept_on_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(spool, "MEMORY_BYTES", 1000)
    folder = tmp_path / "spool"
    folder.mkdir()
    for name, content in FILES.items():
        (tmp_path / name).write_bytes(content())
        table = open_table(str(tmp_path / name), spool=spool.SpoolSettings(folder=folder))
        assert pl.concat(list(table.batches(rows=450))).equals(EXPECTED), name
        assert list(folder.iterdir()) == []
