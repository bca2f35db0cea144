"""Around every command: one clear line for whatever goes wrong, and the exit code."""

import errno
import re
import signal
import sys
import traceback
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from typing import NoReturn

import typer
from typer.completion import completion_init  # type: ignore[attr-defined]  # typer marks no exports

from core.domain.errors import DomainError
from core.presentation.cli import (
    INTERRUPTED,
    OK,
    PROGRAM,
    TERMINATED,
    UNEXPECTED,
    UNWRITABLE,
    USAGE,
    exit_code,
)
from core.presentation.command_help import explain_alike
from core.presentation.console import Console
from core.presentation.terminal import forget_output, open_closed_streams, write_any_text

TAKES_VALUE = {"-o", "--format", "--columns", "--config"}
GLOBAL = re.compile(
    r"-o.+|--(format|columns|config)=.*|-[qv]+|--(no-header|quiet|verbose|no-color|debug)", re.DOTALL
)
DISK_ERRORS = {errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EFBIG}


def run(app: typer.Typer, arguments: Sequence[str] | None = None) -> int:
    """Run the command the arguments name and give its exit code; whatever goes wrong is one line on standard error."""
    open_closed_streams()
    write_any_text()
    args = hoisted(sys.argv[1:] if arguments is None else arguments)
    console = Console(colour="--no-color" not in args)
    explain_alike(app)
    completion_init()
    try:
        with _signals():
            return _code_of(app(args, prog_name=PROGRAM, standalone_mode=False), console)
    except SystemExit as exit_:
        if isinstance(exit_.__context__, BrokenPipeError):
            return _reader_has_gone()
        return _code_of(exit_.code, console)
    except BrokenPipeError:
        return _reader_has_gone()
    except KeyboardInterrupt:
        return _code_of(INTERRUPTED, console)
    except BaseException as error:  # nobody is above us, and a panic in Polars is no Exception
        if "--debug" in args:
            traceback.print_exc()
        return _explained(error, console)


def hoisted(arguments: Sequence[str]) -> list[str]:
    """The arguments with the global options first, wherever they were typed; what follows ``--`` stays."""
    first: list[str] = []
    rest: list[str] = []
    waiting = iter(arguments)
    for argument in waiting:
        if argument == "--":
            rest += [argument, *waiting]
        elif argument in TAKES_VALUE:
            first += [argument, *islice(waiting, 1)]
        elif GLOBAL.fullmatch(argument):
            first.append(argument)
        else:
            rest.append(argument)
    return first + rest


@contextmanager
def _signals() -> Iterator[None]:
    """SIGTERM unwinds as Ctrl-C does; a second Ctrl-C ends the process at once."""

    def interrupted(number: int, frame: object) -> NoReturn:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        raise KeyboardInterrupt

    def terminated(number: int, frame: object) -> NoReturn:
        raise SystemExit(TERMINATED)

    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    signal.signal(signal.SIGTERM, terminated)
    if before[signal.SIGINT] is not signal.SIG_IGN:  # a background job of a shell ignores Ctrl-C
        signal.signal(signal.SIGINT, interrupted)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _code_of(result: object, console: Console) -> int:
    code = result if isinstance(result, int) else OK
    if code == INTERRUPTED:
        console.error("interrupted.")
    if code == TERMINATED:
        console.error("terminated.")
    return code


def _reader_has_gone() -> int:
    forget_output()
    return OK


def _explained(error: BaseException, console: Console) -> int:
    """Print what went wrong in one line; the exit code."""
    match error:
        case DomainError():
            console.error(f"{error.detail} {error.fix}".strip())
            return exit_code(type(error))
        case typer.TyperException():
            return _misused(error, console)
        case MemoryError():
            console.error("Not enough memory. Use fewer rows or columns, or a machine with more.")
            return UNEXPECTED
        case OSError() if error.errno in DISK_ERRORS:
            where = f" {error.filename}" if error.filename else ""
            console.error(f"Cannot write{where}: {error.strerror}. Free some space or choose another folder.")
            return UNWRITABLE
    console.error(
        f"{type(error).__name__}: {error}. This is a defect of {PROGRAM}, not yours: "
        "please report it with what --debug prints."
    )
    return UNEXPECTED


def _misused(error: typer.TyperException, console: Console) -> int:
    """A command line that does not parse; a group without a command is explained in full."""
    message = error.format_message()
    if type(error).__name__ == "NoArgsIsHelpError":
        console.text(message)
        return USAGE
    message = re.sub(r" \(Possible options: (.*)\)$", _meant, " ".join(message.split()))
    message = message.replace("Value error, ", "")
    context = getattr(error, "ctx", None)
    command = context.command_path if context else PROGRAM
    console.error(f"{message.rstrip('.?')}{'?' if message.endswith('?') else '.'} See: {command} --help")
    return USAGE


def _meant(possible: re.Match[str]) -> str:
    return ". Did you mean " + " or ".join(map(repr, possible[1].split(", "))) + "?"
