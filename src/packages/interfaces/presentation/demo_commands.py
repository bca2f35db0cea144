"""Commands on the demo tenant."""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Protocol

import typer

from core.presentation.cli import Invocation, invocation
from core.presentation.command_help import Group

LOAD = """Make a tenant to look around in: people of every role, a dataset, a model, a run, an API key.

People, password and key are printed this once and kept in the data folder, readable to you alone. Where there is a demo already,
nothing changes.
"""


class Access(Protocol):
    @property
    def people(self) -> Mapping[str, str]: ...
    @property
    def password(self) -> str: ...
    @property
    def key(self) -> str: ...


class Demo(Protocol):
    @property
    def file(self) -> Path: ...
    @property
    def url(self) -> str: ...
    def load(self) -> Access | None: ...
    def purge(self) -> None: ...


def add_commands(app: typer.Typer, demos: Callable[[Invocation], AbstractContextManager[Demo]]) -> None:
    demo = typer.Typer(cls=Group, help="A tenant to look around in.", no_args_is_help=True)
    app.add_typer(demo, name="demo")

    @demo.command(help=LOAD)
    def load(ctx: typer.Context) -> None:
        run = invocation(ctx)
        with demos(run) as desk:
            with run.console.progress("Loading the demo"):
                access = desk.load()
            if access is None:
                run.console.note(f"The demo is loaded; its people and key are in {desk.file}.")
                return
            run.output.document(
                {
                    "schema": "anom.demo/1",
                    "url": desk.url,
                    "tenant": "demo",
                    "password": access.password,
                    "people": dict(access.people),
                    "api_key": access.key,
                }
            )
            run.console.note(f"Kept in {desk.file}. Everyone has the same password.")

    @demo.command(help="Delete the demo tenant with all that belongs to it.")
    def purge(ctx: typer.Context) -> None:
        run = invocation(ctx)
        with demos(run) as desk:
            desk.purge()
            run.console.note("The demo is gone.")
