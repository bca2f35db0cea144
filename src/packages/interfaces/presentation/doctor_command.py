"""``doctor``: what stands in the way of the service."""

from collections.abc import Callable, Iterable
from typing import Protocol

import typer

from core.presentation.cli import Invocation, invocation
from core.presentation.output import OutputFormat

DOCTOR = """Look at everything the service stands on; exit code 6 where something fails.

\b
  anomaly_detection doctor
  anomaly_detection doctor -o json
"""
FAILS = 6


class Finding(Protocol):
    @property
    def check(self) -> str: ...
    @property
    def ok(self) -> bool: ...
    @property
    def detail(self) -> str: ...
    @property
    def fix(self) -> str: ...


def add_commands(app: typer.Typer, diagnose: Callable[[Invocation], Iterable[Finding]]) -> None:
    @app.command(name="doctor", help=DOCTOR)
    def doctor(ctx: typer.Context) -> None:
        run = invocation(ctx)
        found = list(diagnose(run))
        marked = run.output.format is OutputFormat.TABLE
        rows = [
            {
                "ok": ("✔" if each.ok else "✘") if marked else each.ok,
                "check": each.check,
                "detail": each.detail,
                "fix": each.fix,
            }
            for each in found
        ]
        run.output.rows(rows, schema="anom.doctor/1", columns=("ok", "check", "detail", "fix"))
        if not all(each.ok for each in found):
            raise typer.Exit(FAILS)
