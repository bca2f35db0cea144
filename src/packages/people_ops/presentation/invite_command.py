"""``user invite``: people of a tenant, invited from the machine the service runs on."""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from typing import Annotated, Protocol

import typer

from core.presentation.cli import Invocation, invocation

INVITE = """Invite somebody to a tenant; prints the link that the mail has too.

\b
  anomaly_detection user invite ana@example.org --role tenant_admin -t acme
"""


class InvitationDesk(Protocol):
    def invite(self, tenant: str, email: str, roles: Sequence[str]) -> str:
        """The link; ``tenant`` is a slug. Raises NotFound, Invalid, Conflict."""


Desk = Callable[[Invocation], AbstractContextManager[InvitationDesk]]


def add_invite(users: typer.Typer, desk: Desk) -> None:
    """Add the command to the group ``user``."""

    @users.command(name="invite", help=INVITE)
    def invite(
        ctx: typer.Context,
        email: Annotated[str, typer.Argument(metavar="EMAIL", help="Where the invitation goes.")],
        tenant: Annotated[str, typer.Option("-t", "--tenant", help="The tenant's slug.")],
        role: Annotated[list[str], typer.Option(help="viewer, analyst ...; may be repeated.")],
    ) -> None:
        run = invocation(ctx)
        with desk(run) as invitations:
            link = invitations.invite(tenant, email, role)
        run.output.document({"schema": "anom.invitation/1", "tenant": tenant, "roles": role, "link": link})
