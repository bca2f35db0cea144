import io
import re
import sys
import threading

import pytest

from core.presentation import terminal
from core.presentation.console import Console
from core.presentation.progress import Pace, ProgressWatch


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("variables", "on_terminal", "elsewhere"),
    [
        ({}, True, False),
        ({"NO_COLOR": "1"}, False, False),
        ({"NO_COLOR": ""}, True, False),
        ({"TERM": "dumb"}, False, False),
        ({"FORCE_COLOR": "1"}, True, True),
        ({"FORCE_COLOR": "0"}, True, False),
        ({"FORCE_COLOR": "1", "NO_COLOR": "1"}, False, False),
    ],
)
def test_colour_follows_the_environment_then_the_stream(
    variables: dict[str, str], on_terminal: bool, elsewhere: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("NO_COLOR", "FORCE_COLOR", "TERM"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert terminal.in_colour(Terminal()) is on_terminal
    assert terminal.in_colour(io.StringIO()) is elsewhere
    assert terminal.in_colour(Terminal(), wanted=False) is False
    assert terminal.in_colour(None) is elsewhere


def test_a_progress_line_says_how_much_is_done() -> None:
    watch = ProgressWatch("Scoring", 4_000_000, "rows", pace=Pace(), colour=False)
    watch.advance(1_200_000)
    assert watch.line() == "Scoring: 1,200,000 of 4,000,000 rows (30 %), 0 s"


def test_progress_without_a_known_end_counts_only() -> None:
    watch = ProgressWatch("Reading", None, "rows", pace=Pace(), colour=False)
    assert watch.line() == "Reading: 0 s"
    watch.advance(5)
    assert watch.line() == "Reading: 5 rows, 0 s"


def test_quick_work_shows_no_progress(capsys: pytest.CaptureFixture[str]) -> None:
    before = threading.active_count()
    with Console().progress("Scoring", total=10) as advance:
        advance(10)
    assert capsys.readouterr().err == ""
    assert threading.active_count() <= before


def test_slow_work_prints_a_line_now_and_then(capsys: pytest.CaptureFixture[str]) -> None:
    printed = ""
    with Console(pace=Pace(between_lines=0.01)).progress("Scoring", total=10) as advance:
        advance(5)
        for _ in range(3_000):
            printed += capsys.readouterr().err
            if "Scoring: 5 of 10 rows (50 %), " in printed:
                break
            threading.Event().wait(0.01)
    assert re.fullmatch(
        r"(Scoring: 0 of 10 rows \(0 %\), \d+ s\n)*(Scoring: 5 of 10 rows \(50 %\), \d+ s\n)+", printed
    )


def test_slow_work_shows_a_bar_on_a_terminal_and_notes_above_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")
    screen = Terminal()
    monkeypatch.setattr(sys, "stderr", screen)
    console = Console(colour=False, pace=Pace(until_bar=0.0))
    with console.progress("Scoring", total=10) as advance, console.progress("Inner"):
        advance(5)
        threading.Event().wait(1.0)
        console.note("half way [of it]")
    assert "Scoring 5 of 10 rows" in screen.getvalue()
    assert "half way [of it]" in screen.getvalue()


def test_quiet_shows_no_progress(capsys: pytest.CaptureFixture[str]) -> None:
    with Console(quiet=True).progress("Scoring") as advance:
        advance(1)
    assert capsys.readouterr().err == ""
