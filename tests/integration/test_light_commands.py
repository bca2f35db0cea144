"""What each kind of command does without, for importing it is most of the time that a command takes."""

import subprocess
import sys

from tests.support.command_line import CommandLine, environment

COMPUTING = {"numpy", "polars", "pyarrow", "narwhals"}
ALGORITHMS = {"numba", "scipy", "sklearn", "pyod", "faiss", "torch", "pandas", "matplotlib"}
SERVER = {"fastapi", "uvicorn", "jinja2", "limits", "huey", "redis"}
CLIENTS = {"httpx", "authlib", "joserfc", "jose"}
DATABASE = {"sqlalchemy", "alembic"}
LOGGING = {"structlog"}
COMMANDS = """
import shlex, sys
from core.presentation.boundary import run
from interfaces.bootstrap.commands import build
for line in sys.argv[1:]:
    assert run(build(), shlex.split(line)) == 0, line
print(*sorted({name.partition(".")[0] for name in sys.modules}), file=sys.stderr)
"""
JOB_PROCESS = """
import sys
from pathlib import Path
from core.infrastructure.job_child import live
from core.infrastructure.settings import Settings
from interfaces.bootstrap.job_process import prepare
prepare(Settings.load(environment={}, folder=Path.cwd()))
print(*sorted({name.partition(".")[0] for name in sys.modules}), file=sys.stderr)
"""


def imported(cli: CommandLine, code: str, *commands: str) -> set[str]:
    done = subprocess.run(
        [sys.executable, "-c", code, *commands],
        cwd=cli.folder,
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return set(done.stderr.splitlines()[-1].split())


def test_commands_on_files_need_no_database_and_no_server(cli: CommandLine) -> None:
    rows = "\n".join(f"{n % 7},{n % 5}" for n in range(60))
    (cli.folder / "rows.csv").write_text(f"a,b\n{rows}\n")
    loaded = imported(cli, COMMANDS, "algorithms list", "dataset profile rows.csv", "detect --input rows.csv")
    assert "polars" in loaded
    assert loaded & (DATABASE | ALGORITHMS | SERVER | CLIENTS | LOGGING) == set()


def test_commands_of_operators_need_nothing_that_computes(cli: CommandLine) -> None:
    assert cli("db", "migrate").code == 0
    commands = ("db status", "tenant list", "user list -t platform", "key list -t platform", "job list")
    loaded = imported(cli, COMMANDS, *commands)
    assert "sqlalchemy" in loaded
    assert loaded & (COMPUTING | ALGORITHMS | SERVER | CLIENTS | {"alembic"}) == set()


def test_the_process_of_a_job_needs_no_server(cli: CommandLine) -> None:
    loaded = imported(cli, JOB_PROCESS)
    assert {"sqlalchemy", "polars"} <= loaded
    assert loaded & (ALGORITHMS | SERVER | CLIENTS | {"alembic", "typer"}) == set()
