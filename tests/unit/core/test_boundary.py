"""What a caller sees of a command that goes wrong, in this process."""

import errno
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import pytest
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
from core.presentation.boundary import hoisted, run
from core.presentation.cli import FAIL_ON_MET, Invocation, command_line, invocation
from core.presentation.output import OutputFormat


class NoSettings:
    def get(self, path: str) -> Any:
        return f"setting {path}"


def app_that(act: Callable[[Invocation], None]) -> typer.Typer:
    app = command_line("A program.", version=lambda: "1.2.3", load_settings=lambda _: NoSettings())
    sub = typer.Typer()

    @app.command(help="Do something.")
    def work(
        ctx: typer.Context,
        size: Annotated[int, typer.Option(help="How large.")] = 1,
        colour: Annotated[OutputFormat, typer.Option(help="Which.")] = OutputFormat.CSV,
    ) -> None:
        act(invocation(ctx))

    @sub.command(name="list", help="List them.")
    def list_things(ctx: typer.Context) -> None:
        act(invocation(ctx))

    @sub.command(name="show", help="Show one.")
    def show_thing(ctx: typer.Context, name: str) -> None:
        act(invocation(ctx))

    app.add_typer(sub, name="things", no_args_is_help=True)
    return app


def fail(error: Exception) -> typer.Typer:
    def act(_: Invocation) -> None:
        raise error

    return app_that(act)


QUIET = app_that(lambda _: None)


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        (InvalidOption, 2),
        (NotFound, 3),
        (Forbidden, 4),
        (Unauthenticated, 4),
        (Unwritable, 5),
        (Conflict, 5),
        (Unavailable, 6),
        (Invalid, 7),
        (DomainError, 1),
    ],
)
def test_an_error_is_one_line_and_its_kind_is_the_exit_code(
    kind: type[DomainError], code: int, capsys: pytest.CaptureFixture[str]
) -> None:
    class Particular(kind): ...  # type: ignore[valid-type,misc]  # a class made per case

    assert run(fail(Particular("It is broken.", fix="Mend it.")), ["work"]) == code
    printed = capsys.readouterr()
    assert (printed.out, printed.err) == ("", "error: It is broken. Mend it.\n")


def test_a_traceback_is_shown_on_request_only(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(fail(NotFound("Gone.")), ["work", "--debug"]) == 3
    assert "Traceback" in capsys.readouterr().err


def test_our_own_defects_say_so(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(fail(KeyError("x")), ["work"]) == 1
    error = capsys.readouterr().err
    assert error.startswith("error: KeyError: 'x'. This is a defect of anomaly_detection")
    assert error.count("\n") == 1


def test_a_panic_in_a_library_is_one_line_too(capsys: pytest.CaptureFixture[str]) -> None:
    class PanicException(BaseException): ...  # as pyo3's

    def act(_: Invocation) -> None:
        raise PanicException("index out of bounds")

    assert run(app_that(act), ["work"]) == 1
    assert capsys.readouterr().err.startswith("error: PanicException: index out of bounds. This is a defect")


def test_lines_and_control_characters_in_a_message_stay_on_one_line(
    capsys: pytest.CaptureFixture[str],
) -> None:
    run(fail(NotFound("No \x1b[31m\nfile.")), ["work"])
    assert capsys.readouterr().err == "error: No \\x1b[31m\\nfile.\n"


def test_running_out_of_memory_is_said_plainly(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(fail(MemoryError()), ["work"]) == 1
    assert capsys.readouterr().err.startswith("error: Not enough memory.")


def test_a_full_disk_is_no_defect_of_ours(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(fail(OSError(errno.ENOSPC, "No space left on device", "/x/out.csv")), ["work"]) == 5
    assert "Cannot write /x/out.csv: No space left on device" in capsys.readouterr().err


def test_an_exit_code_of_a_command_is_passed_on() -> None:
    def act(_: Invocation) -> None:
        raise typer.Exit(FAIL_ON_MET)

    assert run(app_that(act), ["work"]) == FAIL_ON_MET


def test_ctrl_c_ends_with_130(capsys: pytest.CaptureFixture[str]) -> None:
    def act(_: Invocation) -> None:
        raise KeyboardInterrupt

    assert run(app_that(act), ["work"]) == 130
    assert capsys.readouterr().err.startswith("error: interrupted")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (
            ["work", "--sise", "3"],
            "No such option: --sise. Did you mean '--size'? See: anomaly_detection work --help",
        ),
        (["wrok"], "No such command 'wrok'. Did you mean 'work'? See: anomaly_detection --help"),
        (
            ["things", "lits"],
            "No such command 'lits'. Did you mean 'list'? See: anomaly_detection things --help",
        ),
        (["things", "show"], "Missing argument 'name'. See: anomaly_detection things show --help"),
        (["work", "--size", "x"], "Invalid value for '--size'"),
        (["work", "--size"], "Option '--size' requires an argument"),
        (["work", "--colour", "red"], "'red' is not one of 'table', 'json', 'ndjson', 'csv'"),
        (["work", "-o", "out.csv"], "'out.csv' is not one of 'table'"),
        (["work", "extra"], "extra"),
        (["--config"], "--config"),
    ],
)
def test_a_command_line_that_does_not_parse_is_one_line_that_says_what_is_meant(
    arguments: list[str], words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(QUIET, arguments) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.startswith("error: ")
    assert words in printed.err
    assert printed.err.count("\n") == 1


@pytest.mark.parametrize("arguments", [[], ["things"]])
def test_a_group_without_a_command_is_explained_on_standard_error(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(QUIET, arguments) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert "Commands:" in printed.err


@pytest.mark.parametrize(
    ("typed", "parsed"),
    [
        (["work", "-o", "json"], ["-o", "json", "work"]),
        (["work", "-ojson", "--size", "3", "-vv"], ["-ojson", "-vv", "work", "--size", "3"]),
        (["work", "--format=csv", "-q", "--no-color"], ["--format=csv", "-q", "--no-color", "work"]),
        (
            ["work", "--config", "a.yaml", "--columns", "x,y"],
            ["--config", "a.yaml", "--columns", "x,y", "work"],
        ),
        (["things", "show", "--", "-q"], ["things", "show", "--", "-q"]),
        (["work", "--output", "x"], ["work", "--output", "x"]),
        (["work", "-o"], ["-o", "work"]),
    ],
)
def test_global_options_are_taken_from_any_place(typed: list[str], parsed: list[str]) -> None:
    assert hoisted(typed) == parsed


def test_commands_see_the_global_options_and_settings() -> None:
    seen: list[Invocation] = []
    assert run(app_that(seen.append), ["work", "-o", "csv", "--columns", "a, b", "-vv", "--config", "x"]) == 0
    (found,) = seen
    assert (found.output.format, found.output.columns, found.config) == (
        OutputFormat.CSV,
        ("a", "b"),
        Path("x"),
    )
    assert found.flags == {"log.level": ("DEBUG", "-vv")}
    assert found.setting("model.seed") == "setting model.seed"
    assert found.setting("model.seed", 0) == 0


def test_help_needs_no_settings(capsys: pytest.CaptureFixture[str]) -> None:
    def refuse(_: Invocation) -> NoSettings:
        raise AssertionError

    app = command_line("A program.", version=lambda: "1.2.3", load_settings=refuse)
    app.command(name="work")(lambda: None)
    app.command(name="rest")(lambda: None)
    assert [run(app, ["--help"]), run(app, ["work", "--help"]), run(app, ["--version"])] == [0, 0, 0]
    assert capsys.readouterr().out.endswith("anomaly_detection 1.2.3\n")


def test_short_help_names_the_options_and_long_help_explains_them(capsys: pytest.CaptureFixture[str]) -> None:
    run(QUIET, ["work", "-h"])
    short = capsys.readouterr().out
    run(QUIET, ["work", "--help"])
    full = capsys.readouterr().out
    assert "Options: --size, --colour, --help." in short
    assert "How large." not in short
    assert "How large." in full
    assert "Everywhere: -o/--format" in full


def test_quiet_silences_notes_but_not_errors(capsys: pytest.CaptureFixture[str]) -> None:
    def act(found: Invocation) -> None:
        found.console.note("a note")
        found.console.warning("a warning")
        raise NotFound("Gone.")

    run(app_that(act), ["work"])
    assert capsys.readouterr().err == "a note\nwarning: a warning\nerror: Gone.\n"
    run(app_that(act), ["work", "-q"])
    assert capsys.readouterr().err == "error: Gone.\n"
