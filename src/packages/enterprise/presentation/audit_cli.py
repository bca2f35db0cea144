"""``audit``: chains of audit entries, for operators on the machine."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from core.domain.errors import Invalid
from core.domain.public_ids import shown
from core.presentation.cli import invocation
from enterprise.presentation.cli import Desk, find
from enterprise.presentation.object_ids import object_id

if TYPE_CHECKING:
    from enterprise.application.ports import AuditView

VERIFY = """Verify a tenant's chain of audit entries; exit code 7 where it is broken.

\b
  anomaly_detection audit verify -t acme
  anomaly_detection audit verify -t platform -o json
"""
EXPORT = """Print a tenant's audit entries, the oldest first.

\b
  anomaly_detection -o ndjson audit export -t acme > acme-audit.ndjson
"""
COLUMNS = (
    "number", "at", "action", "object_id", "user_id", "email", "name", "key_id", "address", "request_id",
    "before", "after", "hash",
)  # fmt: skip
Tenant = Annotated[str, typer.Option("-t", "--tenant", metavar="TENANT", help="Its slug or id.")]


class BrokenChain(Invalid):
    title = "The audit log was tampered with"


def add_commands(app: typer.Typer, desk: Desk) -> None:
    audit = typer.Typer(help="The audit log: verify, export.", no_args_is_help=True)
    app.add_typer(audit, name="audit")

    @audit.command(name="verify", help=VERIFY)
    def verify(ctx: typer.Context, tenant: Tenant = "platform") -> None:
        run = invocation(ctx)
        with desk(run) as opened:
            found = opened.enterprise.audit.verification(find(opened.enterprise, tenant).id)
        document = {
            "schema": "anom.audit-verification/1",
            "whole": found.is_whole,
            "checked": found.checked,
            "number": found.head.number,
            "hash": found.head.hash,
            "broken_at": found.broken_at,
        }
        run.output.document(document)
        if not found.is_whole:
            raise BrokenChain(
                f"Entry {found.broken_at}: {found.reason}.", fix="Compare with the heads in the log."
            )

    @audit.command(name="export", help=EXPORT)
    def export(ctx: typer.Context, tenant: Tenant = "platform") -> None:
        from enterprise.application.ports import AuditFilter

        run = invocation(ctx)
        with desk(run) as opened:
            entries = opened.enterprise.audit.all(find(opened.enterprise, tenant).id, AuditFilter())
            run.output.rows(map(_row, entries), schema="anom.audit/1", columns=COLUMNS)


def _row(view: "AuditView") -> dict[str, Any]:
    values = {name: getattr(view, name) for name in COLUMNS}
    return values | {
        "at": view.at.isoformat(),
        "object_id": object_id(view),
        "user_id": view.user_id and shown("usr", view.user_id),
        "key_id": view.key_id and shown("key", view.key_id),
    }
