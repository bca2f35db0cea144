"""``user``: people of a tenant, for operators on the machine."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import TYPE_CHECKING, Annotated, Any

import typer

from core.domain.actor import Actor
from core.domain.ids import TenantId, UserId
from core.domain.public_ids import parsed, shown
from core.presentation.cli import Invocation, invocation
from people_ops.presentation.invite_command import add_invite
from people_ops.presentation.key_commands import add_keys

if TYPE_CHECKING:
    from people_ops.api import PeopleDesk, PeopleOps
    from people_ops.application.ports import MemberView

LIST = """People of a tenant.

\b
  anomaly_detection user list -t acme
"""
ROLE = """Give a member these roles and no others.

\b
  anomaly_detection user role ana@example.org --role analyst --role data_scientist -t acme
"""
RESET_MFA = """Take away the second factor of somebody who has lost it.

\b
  anomaly_detection user reset-mfa ana@example.org -t acme
"""
Desk = Callable[[Invocation], AbstractContextManager["PeopleDesk"]]
Member = Annotated[str, typer.Argument(metavar="USER", help="E-mail or id.")]
Tenant = Annotated[str, typer.Option("-t", "--tenant", help="The tenant's slug.")]


def add_commands(app: typer.Typer, desk: Desk) -> None:
    users = typer.Typer(help="People of a tenant: list, invite, roles, disable.", no_args_is_help=True)
    app.add_typer(users, name="user")
    add_reading(users, desk)
    add_invite(users, desk)
    add_changing(users, desk)
    keys = typer.Typer(help="API keys of a tenant: create, list, revoke.", no_args_is_help=True)
    app.add_typer(keys, name="key")
    add_keys(keys, desk)


def add_reading(app: typer.Typer, desk: Desk) -> None:
    @app.command(name="list", help=LIST)
    def show_all(ctx: typer.Context, tenant: Tenant) -> None:
        run = invocation(ctx)
        with desk(run) as opened:
            run.output.rows(map(_row, opened.members(tenant)), schema="anom.users/1")


def add_changing(app: typer.Typer, desk: Desk) -> None:
    @app.command(name="role", help=ROLE)
    def role(
        ctx: typer.Context,
        user: Member,
        tenant: Tenant,
        role: Annotated[list[str], typer.Option(help="viewer, analyst ...; may be repeated.")],
    ) -> None:
        with _changed(ctx, desk, tenant, user) as (people, actor, user_id):
            people.change_member(actor, user_id, roles=role)

    @app.command(name="disable", help="Keep somebody out of a tenant, from the next request on.")
    def disable(ctx: typer.Context, user: Member, tenant: Tenant) -> None:
        with _changed(ctx, desk, tenant, user) as (people, actor, user_id):
            people.change_member(actor, user_id, disabled=True)

    @app.command(name="enable", help="Let somebody in again who was disabled.")
    def enable(ctx: typer.Context, user: Member, tenant: Tenant) -> None:
        with _changed(ctx, desk, tenant, user) as (people, actor, user_id):
            people.change_member(actor, user_id, disabled=False)

    @app.command(name="reset-mfa", help=RESET_MFA)
    def reset_mfa(ctx: typer.Context, user: Member, tenant: Tenant) -> None:
        with _changed(ctx, desk, tenant, user) as (people, actor, user_id):
            people.reset_second_factor(actor, user_id)


@contextmanager
def _changed(
    ctx: typer.Context, desk: Desk, tenant: str, user: str
) -> Iterator[tuple["PeopleOps", Actor, UserId]]:
    """Prints the member as they are afterwards. Raises NoSuchTenant, NoSuchMember."""
    run = invocation(ctx)
    with desk(run) as opened:
        people, tenant_id = opened.people, opened.tenant_of(tenant)
        found = _found(people, tenant_id, user)
        yield people, Actor(tenant_id=tenant_id), found.id
        after = people.queries.member(tenant_id, found.id)
    run.output.document({"schema": "anom.user/1"} | _row(after))


def _found(people: "PeopleOps", tenant_id: TenantId, text: str) -> "MemberView":
    """By id or e-mail. Raises NoSuchMember."""
    id_ = parsed("usr", text)
    if id_ is not None:
        return people.queries.member(tenant_id, UserId(id_))
    return people.queries.member_of_email(tenant_id, text)


def _row(member: "MemberView") -> dict[str, Any]:
    return {
        "user": shown("usr", member.id),
        "email": member.email,
        "name": member.name,
        "roles": list(member.roles),
        "second_factor": member.second_factor,
        "disabled_at": member.disabled_at,
        "last_login_at": member.last_login_at,
        "created_at": member.created_at,
    }
