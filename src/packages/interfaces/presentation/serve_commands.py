"""``serve``: the service, in the foreground; ``openapi``: what it serves."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Annotated, Any

import typer

from core.presentation.cli import Invocation, invocation
from core.presentation.json_text import json_text

SERVE = """Serve the API and run jobs until SIGTERM or Ctrl-C.

\b
  anomaly_detection serve
  anomaly_detection serve --port 8080
  DATABASE_URL=postgresql://app@db/anom anomaly_detection serve --host 0.0.0.0 --workers 4
"""


OPENAPI = """Print the OpenAPI document of the API (JSON); no server or database is needed.

\b
  anomaly_detection openapi > openapi.json
"""


def add_commands(
    app: typer.Typer,
    serve: Callable[[Invocation], None],
    api_document: Callable[[Invocation], Mapping[str, Any]],
) -> None:
    @app.command(name="serve", help=SERVE)
    def serve_command(
        ctx: typer.Context,
        host: Annotated[str | None, typer.Option(help="Address to listen on [api.host].")] = None,
        port: Annotated[
            int | None, typer.Option(min=0, max=65_535, help="Port to listen on; 0: any free one [api.port].")
        ] = None,
        workers: Annotated[
            int | None,
            typer.Option(min=1, max=64, help="Server processes; several need PostgreSQL [api.workers]."),
        ] = None,
    ) -> None:
        run = invocation(ctx)
        given = {"host": host, "port": port, "workers": workers}
        flags = {f"api.{name}": (value, f"--{name}") for name, value in given.items() if value is not None}
        serve(replace(run, flags={**run.flags, **flags}))

    @app.command(name="openapi", help=OPENAPI)
    def openapi(ctx: typer.Context) -> None:
        run = invocation(ctx)
        run.output.text(json_text(api_document(run), indent=2))
