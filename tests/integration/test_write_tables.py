"""A new file appears whole or not at all, and holds what was written."""

import errno
import gzip
import os
import resource
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest

from core.domain.errors import Conflict, InvalidOption, Unwritable
from data_platform.infrastructure.readers.open_table import open_table
from data_platform.infrastructure.sinks.open_sink import WRITERS, open_sink

FRAME = pl.DataFrame(
    {"n": [1, 2, 3], "x": [0.5, None, 2.5], "word": ["ü", 'a "b", c', None], "on": [True, False, None]}
)


@pytest.mark.parametrize("ending", [*WRITERS, ".CSV"])
def test_what_was_written_is_read_again(tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"out{ending}"
    with open_sink(path, force=False) as sink:
        sink.write(FRAME[:1])
        sink.write(FRAME[1:])
        assert not path.exists()
    assert pl.concat(list(open_table(str(path)).batches())).equals(FRAME)
    assert list(tmp_path.iterdir()) == [path]


def test_the_file_has_the_usual_permissions(tmp_path: Path) -> None:
    (tmp_path / "usual").touch()
    with open_sink(tmp_path / "out.csv", force=False) as sink:
        sink.write(FRAME)
    assert (tmp_path / "out.csv").stat().st_mode == (tmp_path / "usual").stat().st_mode


def test_nested_values_are_json_in_csv_and_structs_in_parquet(tmp_path: Path) -> None:
    frame = pl.DataFrame(
        {
            "s": [{"a": 1.5, "b": "x"}, None],
            "l": [[1, 2], None],
            "b": [b"\x00\xff", None],
            "d": [timedelta(hours=1), None],
        },
        schema_overrides={"s": pl.Struct({"a": pl.Float64, "b": pl.String})},
    )
    for name in ("out.csv", "out.parquet"):
        with open_sink(tmp_path / name, force=False) as sink:
            sink.write(frame)
    assert (tmp_path / "out.csv").read_text().splitlines()[1:] == [
        '"{""a"":1.5,""b"":""x""}","[1, 2]",00ff,PT1H',
        ",,,",
    ]
    assert pl.read_parquet(tmp_path / "out.parquet").equals(frame)


def test_numbers_keep_every_digit_and_infinities_and_dates_survive_csv(tmp_path: Path) -> None:
    frame = pl.DataFrame(
        {
            "x": [0.1 + 0.2, 1e300, float("inf"), -1e-300],
            "t": [datetime(2024, 1, 2, 3, 4, 5, 678901, tzinfo=UTC)] * 4,
            "d": [date(2024, 1, 2)] * 4,
        }
    )
    with open_sink(tmp_path / "out.csv", force=False) as sink:
        sink.write(frame)
    assert pl.concat(list(open_table(str(tmp_path / "out.csv")).batches())).equals(frame)


def test_a_file_that_is_there_is_kept_unless_forced(tmp_path: Path) -> None:
    path = tmp_path / "out.csv"
    path.write_text("old")
    with pytest.raises(Conflict, match=r"out\.csv already exists\. .*--force"):
        open_sink(path, force=False)
    assert path.read_text() == "old"
    with open_sink(path, force=True) as sink:
        sink.write(FRAME)
    assert path.read_text().startswith("n,x,word,on\n")


def test_a_file_made_meanwhile_is_not_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "out.csv"
    sink = open_sink(path, force=False)
    sink.__enter__()
    sink.write(FRAME)
    path.write_text("theirs")
    with pytest.raises(Conflict, match="made by somebody else"):
        sink.__exit__(None, None, None)
    assert path.read_text() == "theirs"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("ending", WRITERS)
@pytest.mark.parametrize("kind", [RuntimeError, KeyboardInterrupt])
def test_nothing_is_left_after_an_error_or_ctrl_c(
    tmp_path: Path, ending: str, kind: type[BaseException]
) -> None:
    with pytest.raises(kind):
        write_and_raise(tmp_path / f"out{ending}", kind())
    assert list(tmp_path.iterdir()) == []


def test_ctrl_c_in_a_real_process_leaves_nothing(tmp_path: Path) -> None:
    script = (
        "import sys, time, polars as pl; from pathlib import Path\n"
        "from data_platform.infrastructure.sinks.open_sink import open_sink\n"
        "with open_sink(Path(sys.argv[1]), force=False) as sink:\n"
        "    sink.write(pl.DataFrame({'a': [1]})); print('writing', flush=True); time.sleep(60)\n"
    )
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    command = [sys.executable, "-c", script, str(tmp_path / "out.parquet")]
    with subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    ) as writing:
        assert writing.stdout is not None
        assert writing.stdout.readline() == b"writing\n"
        assert len(list(tmp_path.iterdir())) == 1
        writing.send_signal(signal.SIGINT)
        assert writing.wait(60) != 0
    assert list(tmp_path.iterdir()) == []


def test_an_unknown_ending_names_those_that_are_known(tmp_path: Path) -> None:
    for name in ("out.xlsx", "out", ".csv"):
        with pytest.raises(InvalidOption, match=r"Use one of \.csv, \.tsv, .*\.parquet"):
            open_sink(tmp_path / name, force=False)


def test_places_that_cannot_be_written_say_why(tmp_path: Path) -> None:
    (tmp_path / "folder.csv").mkdir()
    (tmp_path / "file").touch()
    with pytest.raises(Unwritable, match="is a folder"):
        open_sink(tmp_path / "folder.csv", force=True)
    with pytest.raises(Unwritable, match="nowhere does not exist"):
        open_sink(tmp_path / "nowhere" / "out.csv", force=False)
    with pytest.raises(Unwritable, match="does not exist"):
        open_sink(tmp_path / "file" / "out.csv", force=False)
    with pytest.raises(Unwritable, match="cannot be written"), open_sink(Path("/proc/out.csv"), force=False):
        pass


def write_and_raise(path: Path, error: BaseException) -> None:
    with open_sink(path, force=False) as sink:
        sink.write(FRAME)
        raise error


def write(path: Path, frame: pl.DataFrame) -> None:
    with open_sink(path, force=False) as sink:
        sink.write(frame)


@contextmanager
def files_of_at_most(size: int) -> Iterator[None]:
    """What a full disk does, by the kernel's limit on the size of files."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    ignored = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, ignored)


@pytest.mark.parametrize("ending", WRITERS)
def test_a_full_disk_is_told_and_leaves_nothing(tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"out{ending}"
    frame = pl.DataFrame({"word": [f"{i * 7919 % 10007} {i}" for i in range(200_000)]})
    with files_of_at_most(4096), pytest.raises(Unwritable, match=os.strerror(errno.EFBIG)) as caught:
        write(path, frame)
    assert "Free space" in caught.value.fix
    assert list(tmp_path.iterdir()) == []


def test_the_same_rows_give_the_same_bytes(tmp_path: Path) -> None:
    for name in ("a.csv.gz", "b.csv.gz"):
        with open_sink(tmp_path / name, force=False) as sink:
            sink.write(FRAME)
    assert gzip.decompress((tmp_path / "a.csv.gz").read_bytes()).decode() == FRAME.write_csv()
    assert (tmp_path / "a.csv.gz").read_bytes() == (tmp_path / "b.csv.gz").read_bytes()
