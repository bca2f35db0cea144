"""Arrow files are read in the thread that asks: one of Arrow's own may abort the process as it ends."""

import io
import threading
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from data_platform.infrastructure.readers.arrow_table import ArrowTable

FRAME = pl.DataFrame({"a": [1, 2], "b": ["x", None]})


@pytest.mark.parametrize("method", ["write_ipc", "write_ipc_stream"])
def test_no_other_thread_reads_a_python_file(tmp_path: Path, method: str) -> None:
    path = tmp_path / "rows.arrow"
    getattr(FRAME, method)(path)
    readers: set[int] = set()

    class Watched(io.FileIO):
        def readinto(self, buffer: Any) -> int | None:
            readers.add(threading.get_ident())
            return super().readinto(buffer)

    table = ArrowTable("rows", lambda: io.BufferedReader(Watched(path)))
    assert pl.concat(table.batches()).equals(FRAME)
    assert readers <= {threading.get_ident()}
