"""Standard streams, signals and start-up of the command line, seen from another process."""

import os
import pty
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.command_line import COMMAND, environment

PROGRAM = " ".join(COMMAND)
SLOW_COMMAND = """
import sys, tempfile, time
import typer
from pathlib import Path
from core.presentation.boundary import run
from core.presentation.cli import command_line

app = command_line("Slow.", version=lambda: "0", load_settings=lambda _: None)

@app.command()
def work(ctx: typer.Context, file: Path) -> None:
    file.write_text("half")
    try:
        print("ready", flush=True)
        time.sleep(60)
    finally:
        file.unlink()

@app.command()
def rest(ctx: typer.Context) -> None: ...

sys.exit(run(app))
"""
HEAVY = {"numpy", "polars", "pyarrow", "numba", "sklearn", "pyod", "faiss", "torch", "sqlalchemy", "pydantic"}


def shell(line: str, folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["bash", "-c", line],
        cwd=folder,
        env=environment(),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_a_reader_that_goes_away_is_no_error(tmp_path: Path) -> None:
    done = shell(f"{PROGRAM} config show | true; echo ${{PIPESTATUS[0]}}", tmp_path)
    assert (done.stdout, done.stderr) == ("0\n", "")


@pytest.mark.parametrize("command", ["config show", "--help"])
def test_a_full_disk_behind_standard_output_is_said(command: str, tmp_path: Path) -> None:
    done = shell(f"{PROGRAM} {command} > /dev/full", tmp_path)
    assert done.returncode == 5
    assert "No space left on device" in done.stderr
    assert done.stderr.count("\n") == 1


def test_closed_standard_output_is_said(tmp_path: Path) -> None:
    done = shell(f"{PROGRAM} config show >&-", tmp_path)
    assert done.returncode == 5
    assert done.stderr == "error: Standard output is closed. Open it, or send it to a file.\n"


def test_closed_standard_error_loses_the_message_but_not_the_code(tmp_path: Path) -> None:
    assert shell(f"{PROGRAM} config get nothing 2>&-", tmp_path).returncode == 3


def test_closed_standard_input_does_not_matter_to_who_does_not_read_it(tmp_path: Path) -> None:
    assert shell(f"{PROGRAM} config get detect.top <&-", tmp_path).stdout == "20\n"


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_unwinds_the_command_and_gives_its_code(number: int, code: int, tmp_path: Path) -> None:
    file = tmp_path / "unfinished"
    process = subprocess.Popen(
        [sys.executable, "-c", SLOW_COMMAND, "work", str(file)],
        env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    process.send_signal(number)
    _, error = process.communicate(timeout=60)
    assert process.returncode == code
    assert not file.exists()
    assert error.startswith("error: ")
    assert error.count("\n") == 1


def test_what_the_encoding_lacks_is_escaped(tmp_path: Path) -> None:
    line = f"PYTHONIOENCODING=ascii ANOMALY_DETECTION_MODEL_ALGORITHM=é {PROGRAM} config get model.algorithm"
    assert shell(line, tmp_path).stdout == "\\xe9\n"


def test_help_loads_no_heavy_library(tmp_path: Path) -> None:
    line = "import sys; from interfaces.bootstrap.commands import build; from core.presentation.boundary import run; "
    line += "assert run(build(), ['--help']) == 0; print(*sorted(sys.modules), file=sys.stderr)"
    done = subprocess.run(
        [sys.executable, "-c", line],
        env=environment(),
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    loaded = {name.partition(".")[0] for name in done.stderr.split()}
    assert "typer" in loaded
    assert loaded & HEAVY == set()


def on_terminal(arguments: list[str], folder: Path, **variables: str) -> str:
    """What the command prints when all its streams are one terminal."""
    ours, theirs = pty.openpty()
    extra = {"TERM": "xterm-256color", "COLUMNS": "60"} | variables
    process = subprocess.Popen(
        [*COMMAND, *arguments], stdin=theirs, stdout=theirs, stderr=theirs, env=environment(extra), cwd=folder
    )
    os.close(theirs)
    printed = b""
    while chunk := _read(ours):
        printed += chunk
    process.wait(timeout=60)
    os.close(ours)
    return printed.decode()


def _read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 65536)
    except OSError:  # Linux's way to say that the other side has closed
        return b""


def test_colour_is_for_terminals_that_want_it(tmp_path: Path) -> None:
    missing = ["config", "get", "nothing"]
    assert "\x1b[1;31merror:" in on_terminal(missing, tmp_path, NO_COLOR="")
    assert "\x1b" not in on_terminal(missing, tmp_path, NO_COLOR="1")
    assert "\x1b" not in on_terminal(missing, tmp_path, NO_COLOR="", TERM="dumb")
    assert "\x1b" not in on_terminal([*missing, "--no-color"], tmp_path, NO_COLOR="")
    forced = subprocess.run(
        [*COMMAND, *missing], env=environment({"NO_COLOR": "", "FORCE_COLOR": "1"}), cwd=tmp_path,
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert "\x1b[1;31merror:" in forced.stderr


def test_on_a_terminal_long_cells_are_folded_and_elsewhere_kept(tmp_path: Path) -> None:
    long = "x" * 100
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "model.yaml").write_text(f"algorithm: {long}\n")
    folded = on_terminal(["config", "show"], tmp_path)
    assert long not in folded
    assert max(map(len, folded.splitlines())) <= 60
    assert long in shell(f"{PROGRAM} config show", tmp_path).stdout


def test_completion_works_in_the_shell_it_was_asked_for(tmp_path: Path) -> None:
    script = shell(f"{PROGRAM} completion bash", tmp_path).stdout
    assert "_ANOMALY_DETECTION_COMPLETE=complete_bash" in script
    asked = {
        "_ANOMALY_DETECTION_COMPLETE": "complete_bash",
        "COMP_WORDS": "anomaly_detection config s",
        "COMP_CWORD": "2",
    }
    done = subprocess.run(
        COMMAND, env=environment(asked), cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.stdout.split() == ["show"]
    assert shell(f"{PROGRAM} completion tcsh", tmp_path).returncode == 2
