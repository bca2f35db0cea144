"""``key``: API keys of a tenant, for operators on the machine."""

import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Annotated, Any

import typer

from core.domain.actor import Actor
from core.domain.errors import InvalidOption
from core.domain.ids import KeyId
from core.domain.public_ids import parsed, shown
from core.presentation.cli import Invocation, invocation

if TYPE_CHECKING:
    from people_ops.api import PeopleDesk
    from people_ops.application.ports import KeyView

CREATE = """Make an API key; it is printed this once.

\b
  anomaly_detection key create -t acme --name "nightly import" --scope ingest,read --ttl 90d
"""
ROTATE = """Put another API key in the place of one; it is printed this once.

\b
  anomaly_detection key rotate key_01K8Z4V0Q6T9M3W5C2R7N0B1DG -t acme
  anomaly_detection key rotate key_01K8Z4V0Q6T9M3W5C2R7N0B1DG -t acme --overlap 0
"""
Desk = Callable[[Invocation], AbstractContextManager["PeopleDesk"]]
Key = Annotated[str, typer.Argument(metavar="KEY", help="Its id, as key list shows it.")]
Ttl = Annotated[str, typer.Option(metavar="DAYS", help="Until it expires, as in 90d.")]
Tenant = Annotated[str, typer.Option("-t", "--tenant", help="The tenant's slug.")]


class InvalidTtl(InvalidOption):
    title = "That is no time to live"


def add_keys(app: typer.Typer, desk: Desk) -> None:
    @app.command(name="create", help=CREATE)
    def create(
        ctx: typer.Context,
        tenant: Tenant,
        name: Annotated[str, typer.Option(help="What it is for.")],
        scope: Annotated[
            list[str], typer.Option(metavar="SCOPE,...", help="ingest, read, label, manage; may be repeated.")
        ],
        ttl: Ttl = "90d",
    ) -> None:
        run, days = invocation(ctx), _days(ttl)
        scopes = [each.strip() for text in scope for each in text.split(",") if each.strip()]
        with desk(run) as opened:
            people, actor = opened.people, Actor(tenant_id=opened.tenant_of(tenant))
            made = people.create_key(actor, name=name, scopes=scopes, days=days)
            row = _row(people.queries.key(actor.tenant_id, made.id))
        run.output.document({"schema": "anom.key/1", "key": made.key} | row)

    @app.command(name="list", help="API keys of a tenant, the newest first; never the keys themselves.")
    def show_all(ctx: typer.Context, tenant: Tenant) -> None:
        run = invocation(ctx)
        with desk(run) as opened:
            run.output.rows(map(_row, opened.keys(tenant)), schema="anom.keys/1")

    @app.command(name="rotate", help=ROTATE)
    def rotate(
        ctx: typer.Context,
        key: Key,
        tenant: Tenant,
        overlap: Annotated[
            int, typer.Option(metavar="HOURS", help="How long the old one stays valid; 0: not at all.")
        ] = 24,
        ttl: Ttl = "90d",
    ) -> None:
        run, days = invocation(ctx), _days(ttl)
        with desk(run) as opened:
            people, actor, key_id = opened.people, Actor(tenant_id=opened.tenant_of(tenant)), _id(key)
            made = people.rotate_key(actor, key_id, overlap_hours=overlap, days=days)
            row = _row(people.queries.key(actor.tenant_id, made.id))
            old = people.queries.key(actor.tenant_id, key_id)
        run.console.note(f"{key} ends at {(old.revoked_at or old.expires_at):%Y-%m-%d %H:%M} UTC.")
        run.output.document({"schema": "anom.key/1", "key": made.key} | row)

    @app.command(name="revoke", help="Refuse an API key, from the next request on.")
    def revoke(
        ctx: typer.Context,
        key: Key,
        tenant: Tenant,
    ) -> None:
        run = invocation(ctx)
        with desk(run) as opened:
            people, actor, key_id = opened.people, Actor(tenant_id=opened.tenant_of(tenant)), _id(key)
            people.revoke_key(actor, key_id)
            row = _row(people.queries.key(actor.tenant_id, key_id))
        run.output.document({"schema": "anom.key/1"} | row)


def _days(text: str) -> int:
    """Raises InvalidTtl."""
    found = re.fullmatch(r"([0-9]{1,6})d?", text)
    if not found:
        raise InvalidTtl(f"--ttl {text!r}.", fix="Write days, as in 90d.")
    return int(found[1])


def _id(text: str) -> KeyId:
    """Raises NoSuchKey."""
    from people_ops.domain.api_key import no_such_key

    found = parsed("key", text)
    if found is None:
        raise no_such_key()
    return KeyId(found)


def _row(key: "KeyView") -> dict[str, Any]:
    return {
        "id": shown("key", key.id),
        "name": key.name,
        "start": key.start,
        "scopes": list(key.scopes),
        "created_at": key.created_at,
        "expires_at": key.expires_at,
        "last_used_at": key.last_used_at,
        "revoked_at": key.revoked_at,
    }
