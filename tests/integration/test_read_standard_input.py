"""Standard input holds any format, and can be read more than once afterwards."""

import gzip
import io
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import polars as pl
import pytest

READ_TWICE = """
import polars as pl
from core.domain.errors import DomainError
from data_platform.infrastructure.readers.open_table import open_table
try:
    table = open_table("-")
    frames = [pl.concat(list(table.batches())) for _ in range(2)]
    assert frames[0].equals(frames[1])
    print(table.name, frames[0].rows())
except DomainError as error:
    print(type(error).__mro__[1].__name__, error)
"""
FRAME = pl.DataFrame({"a": [1, 2], "b": ["x", None]})


def run(content: bytes | None = None, *, redirection: str = "", terminal: int | None = None) -> str:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    command = [sys.executable, "-W", "error", "-c", READ_TWICE]
    if redirection:
        command = ["sh", "-c", f'exec "$@" {redirection}', "sh", *command]
    source: dict[str, Any] = {"input": content} if terminal is None else {"stdin": terminal}
    done = subprocess.run(command, capture_output=True, env=environment, check=False, **source)
    assert done.stderr == b""
    return str(done.stdout, "utf-8")


def written(method: str) -> bytes:
    file = io.BytesIO()
    getattr(FRAME, method)(file)
    return file.getvalue()


@pytest.mark.parametrize(
    "content",
    [
        written("write_csv"),
        gzip.compress(written("write_csv"), mtime=0),
        written("write_ndjson"),
        written("write_json"),
        written("write_parquet"),
        written("write_ipc"),
        written("write_ipc_stream"),
    ],
    ids=["csv", "gzip", "ndjson", "json", "parquet", "arrow file", "arrow stream"],
)
def test_the_format_is_told_by_the_content(content: bytes) -> None:
    assert run(content) == "stdin [(1, 'x'), (2, None)]\n"


def test_closed_standard_input_says_what_to_do() -> None:
    assert run(redirection="<&-").startswith("InvalidOption Standard input is closed. Pipe a table")


def test_a_terminal_says_what_to_do() -> None:
    ours, theirs = os.openpty()
    try:
        assert run(terminal=theirs).startswith("InvalidOption Standard input is a terminal. Pipe a table")
    finally:
        os.close(ours)
        os.close(theirs)


def test_empty_standard_input_is_empty() -> None:
    assert run(b"").startswith("Invalid stdin is empty.")


def test_ragged_rows_of_a_stream_are_told_too() -> None:
    assert "stdin has 2 columns, but " in run(b"a,b\n1,2\n3\n")


def test_a_named_pipe_is_read_like_a_stream(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    script = READ_TWICE.replace('open_table("-")', f'open_table("{pipe}")')
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, env=environment) as reader:
        pipe.write_bytes(written("write_csv"))
        assert reader.stdout is not None
        assert b"[(1, 'x'), (2, None)]" in reader.stdout.read()
