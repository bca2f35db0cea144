"""``user invite`` on the command line, with a desk of the test's own."""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import pytest
import typer

from core.presentation.boundary import run
from core.presentation.cli import Invocation, command_line
from people_ops.presentation.invite_command import add_invite


class Desk:
    def __init__(self) -> None:
        self.asked: list[tuple[str, str, list[str]]] = []

    def invite(self, tenant: str, email: str, roles: Sequence[str]) -> str:
        self.asked.append((tenant, email, list(roles)))
        return "https://anom.example/invitation/abc"


def test_it_prints_the_link(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    desk = Desk()

    @contextmanager
    def opened(_: Invocation) -> Iterator[Desk]:
        yield desk

    app = command_line("About.", version=lambda: "1", load_settings=lambda _: {})
    users = typer.Typer(no_args_is_help=True)
    app.add_typer(users, name="user")
    add_invite(users, opened)
    line = "anom -o json user invite ana@example.org -t acme --role analyst --role viewer"
    monkeypatch.setattr("sys.argv", line.split())
    assert run(app) == 0
    assert json.loads(capsys.readouterr().out)["link"] == "https://anom.example/invitation/abc"
    assert desk.asked == [("acme", "ana@example.org", ["analyst", "viewer"])]
