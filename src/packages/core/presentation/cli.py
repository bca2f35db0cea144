"""What every command shares: the global options, what follows from them, and the exit codes."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, Protocol, cast

import typer

from core.domain.errors import (
    Conflict,
    DomainError,
    Forbidden,
    Invalid,
    InvalidOption,
    NotFound,
    Unauthenticated,
    Unavailable,
    Unwritable,
)
from core.presentation.command_help import Group
from core.presentation.console import Console
from core.presentation.output import Output, OutputFormat

PROGRAM = "anomaly_detection"
OK = 0
UNEXPECTED = 1
USAGE = 2
UNWRITABLE = 5
FAIL_ON_MET = 10
INTERRUPTED = 130
TERMINATED = 143
EXIT_CODES: Mapping[type[DomainError], int] = {
    InvalidOption: USAGE,
    NotFound: 3,
    Unauthenticated: 4,
    Forbidden: 4,
    Unwritable: UNWRITABLE,
    Conflict: UNWRITABLE,
    Unavailable: 6,
    Invalid: 7,
}


class Settings(Protocol):
    """What commands see of the settings."""

    def get(self, path: str) -> Any:
        """The value at a dot path such as ``detect.top``."""


@dataclass(frozen=True)
class Invocation:
    """One run of the command line: its global options and what follows from them.

    ``flags`` are settings given as options: path to (value, the option as typed).
    """

    console: Console
    output: Output
    load_settings: Callable[["Invocation"], Settings]
    config: Path | None = None
    flags: Mapping[str, tuple[object, str]] = field(default_factory=dict)

    @cached_property
    def settings(self) -> Settings:
        """Read at the first use: help and usage errors go without."""
        return self.load_settings(self)

    def setting(self, path: str, flag: object = None) -> Any:
        """The option's value where one was given, else the setting at ``path``."""
        return self.settings.get(path) if flag is None else flag


def invocation(ctx: typer.Context) -> Invocation:
    """Of the command that runs."""
    return cast(Invocation, ctx.find_root().obj)


def command_line(
    about: str,
    *,
    version: Callable[[], str],
    load_settings: Callable[[Invocation], Settings],
) -> typer.Typer:
    """A Typer app with the global options, to add commands to and give to ``run``."""
    app = typer.Typer(
        name=PROGRAM,
        help=about,
        cls=Group,
        add_completion=False,
        no_args_is_help=True,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    )

    def print_version(asked: bool) -> None:
        if asked:
            Output().text(f"{PROGRAM} {version()}")
            raise typer.Exit

    @app.callback()
    def start(
        ctx: typer.Context,
        output_format: Annotated[
            OutputFormat, typer.Option("-o", "--format", help="Form of the data on standard output.")
        ] = OutputFormat.TABLE,
        columns: Annotated[
            str, typer.Option(metavar="NAME,...", help="Only these columns, in this order.")
        ] = "",
        no_header: Annotated[
            bool, typer.Option("--no-header", help="Table and CSV without column names.")
        ] = False,
        quiet: Annotated[bool, typer.Option("-q", "--quiet", help="Only errors on standard error.")] = False,
        verbose: Annotated[
            int,
            typer.Option(
                "-v", "--verbose", count=True, show_default=False, help="Log lines too; -vv in detail."
            ),
        ] = 0,
        no_color: Annotated[bool, typer.Option("--no-color", help="No colour, as with NO_COLOR=1.")] = False,
        debug: Annotated[bool, typer.Option("--debug", help="Show the traceback of an error.")] = False,
        config: Annotated[
            Path | None, typer.Option(metavar="FILE|FOLDER", help="Settings to read before all other files.")
        ] = None,
        version: Annotated[
            bool, typer.Option("--version", is_eager=True, callback=print_version, help="Print the version.")
        ] = False,
    ) -> None:
        wanted = tuple(name.strip() for name in columns.split(",") if name.strip())
        colour = not no_color
        ctx.obj = Invocation(
            Console(quiet=quiet, colour=colour),
            Output(output_format, wanted, header=not no_header, colour=colour),
            load_settings,
            config,
            _verbosity(verbose),
        )

    return app


def _verbosity(count: int) -> Mapping[str, tuple[object, str]]:
    if not count:
        return {}
    return {"log.level": ("INFO", "-v") if count == 1 else ("DEBUG", "-vv")}


def exit_code(kind: type[DomainError]) -> int:
    """Of the nearest kind in ``EXIT_CODES`` above the error's class."""
    return next((EXIT_CODES[base] for base in kind.__mro__ if base in EXIT_CODES), UNEXPECTED)
