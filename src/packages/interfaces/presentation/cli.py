"""The commands about the program itself: ``config``, ``version``, ``completion``."""

import platform
from collections.abc import Callable
from enum import StrEnum
from importlib.metadata import PackageNotFoundError
from importlib.metadata import version as version_of
from typing import TYPE_CHECKING, Annotated

import typer
from typer.completion import get_completion_script  # type: ignore[attr-defined]  # typer marks no exports

from core.domain.errors import NotFound
from core.presentation.cli import PROGRAM, Invocation, invocation
from core.presentation.output import OutputFormat
from core.presentation.table_text import cell

if TYPE_CHECKING:
    from core.infrastructure.settings import Settings

LIBRARIES = ("numpy", "polars", "pyarrow", "numba", "scikit-learn", "pyod", "faiss-cpu", "torch")
SHOW = """Every setting with its value.

\b
  anomaly_detection config show
  anomaly_detection config show --origin
  ANOMALY_DETECTION_DATA_BATCH_ROWS=1000 anomaly_detection config show --origin -o json
"""
GET = """The value of one setting.

\b
  anomaly_detection config get data.batch_rows
  anomaly_detection config get data.prometheus.url --default http://localhost:9090
"""
COMPLETION = """Print the script that completes commands and options in your shell.

\b
  anomaly_detection completion bash >> ~/.bashrc
  anomaly_detection completion zsh >> ~/.zshrc
  anomaly_detection completion fish > ~/.config/fish/completions/anomaly_detection.fish
"""


def add_commands(app: typer.Typer, settings: Callable[[Invocation], "Settings"]) -> None:
    """Give ``app`` these commands."""
    config = typer.Typer(help="The settings and where each comes from.", no_args_is_help=True)
    add_config_show(config, settings)
    add_config_get(config, settings)
    app.add_typer(config, name="config")
    app.command(name="version", help="The versions of this program, of Python and of the libraries it uses.")(
        print_versions
    )
    app.command(name="completion", help=COMPLETION)(print_completion)


def version() -> str:
    """Of the installed distribution."""
    return _version_of(PROGRAM) or "not installed"


def versions() -> dict[str, str | None]:
    """None for a library that is not there."""
    return {PROGRAM: version(), "python": platform.python_version()} | {
        name: _version_of(name) for name in LIBRARIES
    }


def print_versions(ctx: typer.Context) -> None:
    found = versions()
    rows = [{"name": name, "version": number or "not installed"} for name, number in found.items()]
    invocation(ctx).output.document({"schema": "anom.version/1"} | found, rows=rows)


class Shell(StrEnum):
    BASH = "bash"
    ZSH = "zsh"
    FISH = "fish"
    POWERSHELL = "powershell"


def print_completion(
    ctx: typer.Context, shell: Annotated[Shell, typer.Argument(help="Yours: echo $SHELL says.")]
) -> None:
    # ``shell`` is the name of one; none is run.
    script = get_completion_script(  # nosec B604
        prog_name=PROGRAM, complete_var=f"_{PROGRAM}_COMPLETE".upper(), shell=shell.value
    )
    invocation(ctx).output.text(script)


def add_config_show(app: typer.Typer, settings: Callable[[Invocation], "Settings"]) -> None:
    @app.command(name="show", help=SHOW)
    def show(
        ctx: typer.Context,
        origin: Annotated[bool, typer.Option("--origin", help="Say where each value comes from.")] = False,
    ) -> None:
        run = invocation(ctx)
        found = settings(run)
        rows: list[dict[str, object]] = []
        for path in found.paths():
            row = {"setting": path, "value": _readable(found.shown(path), run)}
            rows.append(row | {"origin": found.origin(path)} if origin else row)
        run.output.rows(rows, schema="anom.settings/1")


def add_config_get(app: typer.Typer, settings: Callable[[Invocation], "Settings"]) -> None:
    @app.command(name="get", help=GET)
    def get(
        ctx: typer.Context,
        path: Annotated[str, typer.Argument(help="Section and key, as in data.batch_rows.")],
        default: Annotated[
            str | None, typer.Option(metavar="VALUE", help="Print this if there is no such setting.")
        ] = None,
    ) -> None:
        run = invocation(ctx)
        try:
            value = settings(run).shown(path)
        except NotFound:
            if default is None:
                raise
            value = default
        if run.output.format is OutputFormat.TABLE:
            run.output.text(cell(_readable(value, run)))
        else:
            run.output.document({"schema": "anom.setting/1", "setting": path, "value": value})


def _readable(value: object, run: Invocation) -> object:
    """In a table ``null`` is written as in a settings file."""
    return "null" if value is None and run.output.format is OutputFormat.TABLE else value


def _version_of(distribution: str) -> str | None:
    try:
        return version_of(distribution)
    except PackageNotFoundError:
        return None
