"""``tenant``: tenants of this installation, for operators on its machine."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from core.domain.actor import Actor
from core.domain.errors import InvalidOption, Unwritable
from core.domain.ids import PLATFORM, TenantId
from core.domain.public_ids import parsed, shown
from core.presentation.cli import Invocation, invocation
from core.presentation.options import Force
from enterprise.domain.plan import Plan

if TYPE_CHECKING:
    from enterprise.api import Enterprise, TenantDesk, TenantView

CREATE = """Create a tenant, and invite its first administrator.

\b
  anomaly_detection tenant create acme --name "Acme Ltd" --plan team --admin ana@acme.example
"""
QUOTA = """Show a tenant's quotas and usage, or set some; `unlimited` and numbers, 10M and 5k too.

\b
  anomaly_detection tenant quota acme
  anomaly_detection tenant quota acme --set rows_stored=10M --set models=unlimited
"""
EXPORT = """Write all that belongs to a tenant into one zip archive, secrets aside.

\b
  anomaly_detection tenant export acme --output acme.zip
"""
DELETE = """Delete a tenant: rows, files, keys. The platform's audit log keeps the record of it.

\b
  anomaly_detection tenant delete acme --dry-run
  anomaly_detection tenant delete acme --confirm acme
"""
Desk = Callable[[Invocation], AbstractContextManager["TenantDesk"]]
Slug = Annotated[str, typer.Argument(metavar="TENANT", help="Its slug or id.")]
CONSOLE = Actor(tenant_id=PLATFORM)
UNITS = {"k": 10**3, "M": 10**6, "G": 10**9}
AT_ONCE = 500  # tenants per page


class InvalidQuota(InvalidOption):
    title = "That is no quota"


class ConfirmationNeeded(InvalidOption):
    title = "The deletion is not confirmed"


class NobodyInvites(InvalidOption):
    title = "Nobody can be invited here"


class ArchiveNotWritten(Unwritable):
    title = "The archive cannot be written"


def add_commands(app: typer.Typer, desk: Desk) -> None:
    tenant = typer.Typer(help="Tenants of this installation.", no_args_is_help=True)
    app.add_typer(tenant, name="tenant")
    add_reading(tenant, desk)
    add_creating(tenant, desk)
    add_changing(tenant, desk)
    add_ending(tenant, desk)


def add_reading(app: typer.Typer, desk: Desk) -> None:
    @app.command(name="list", help="Tenants, the newest first.")
    def show_all(ctx: typer.Context) -> None:
        run = invocation(ctx)
        with desk(run) as opened:
            run.output.rows(map(_row, _all(opened.enterprise)), schema="anom.tenants/1")

    @app.command(name="show", help="One tenant.")
    def show(ctx: typer.Context, tenant: Slug) -> None:
        run = invocation(ctx)
        with _of(run, desk, tenant) as (_, found):
            run.output.document(_document(found))


def add_creating(app: typer.Typer, desk: Desk) -> None:
    @app.command(name="create", help=CREATE)
    def create(
        ctx: typer.Context,
        slug: Annotated[str, typer.Argument(help="Its name in commands: a-z, 0-9 and -.")],
        name: Annotated[str, typer.Option(help="Its name for people.")] = "",
        plan: Annotated[Plan, typer.Option(help="What it may use.")] = Plan.FREE,
        admin: Annotated[
            str | None, typer.Option(metavar="EMAIL", help="Invite this person as its administrator.")
        ] = None,
    ) -> None:
        run = invocation(ctx)
        with desk(run) as opened:
            if admin is not None and opened.invite_admin is None:
                raise NobodyInvites("There is no service to invite them by.", fix="Leave out --admin.")
            made = opened.enterprise.create_tenant(CONSOLE, slug, name=name, plan=plan)
            document = _document(opened.enterprise.tenants.get(made))
            if admin is not None and opened.invite_admin is not None:
                document["invitation"] = opened.invite_admin(CONSOLE.within(made), admin)
            run.output.document(document)


def add_changing(app: typer.Typer, desk: Desk) -> None:
    @app.command(name="suspend", help="Refuse a tenant's people and keys, from the next request on.")
    def suspend(ctx: typer.Context, tenant: Slug) -> None:
        with _of(invocation(ctx), desk, tenant) as (enterprise, found):
            enterprise.suspend(CONSOLE, found.id)

    @app.command(name="resume", help="Let a suspended tenant work again.")
    def resume(ctx: typer.Context, tenant: Slug) -> None:
        with _of(invocation(ctx), desk, tenant) as (enterprise, found):
            enterprise.resume(CONSOLE, found.id)

    @app.command(name="quota", help=QUOTA)
    def quota(
        ctx: typer.Context,
        tenant: Slug,
        set_: Annotated[
            list[str] | None, typer.Option("--set", metavar="NAME=NUMBER", help="Repeatable.")
        ] = None,
        plan: Annotated[Plan | None, typer.Option(help="Move it to this plan.")] = None,
    ) -> None:
        run = invocation(ctx)
        limits = _limits(set_ or [])
        with _of(run, desk, tenant) as (enterprise, found):
            if limits or plan:
                enterprise.change_plan(CONSOLE, found.id, plan=plan, quotas=limits)
            usage = enterprise.tenants.usage(found.id)
            rows = [{"quota": v.quota, "limit": v.limit, "used": v.used, "reset": v.reset} for v in usage]
            run.output.rows(rows, schema="anom.quotas/1")


def add_ending(app: typer.Typer, desk: Desk) -> None:
    @app.command(name="export", help=EXPORT)
    def export(
        ctx: typer.Context,
        tenant: Slug,
        output: Annotated[Path, typer.Option(metavar="FILE", help="The archive to write (.zip).")],
        force: Force = False,
    ) -> None:
        run = invocation(ctx)
        if output.exists() and not force:
            raise ArchiveNotWritten(f"{output} exists.", fix="Name another file, or use --force.")
        with _of(run, desk, tenant) as (enterprise, found):
            rows = _written(enterprise, found.id, output)
            run.output.document({"schema": "anom.tenant-export/1", "rows": sum(rows.values())})

    @app.command(name="delete", help=DELETE)
    def delete(
        ctx: typer.Context,
        tenant: Slug,
        confirm: Annotated[str | None, typer.Option(metavar="SLUG", help="The slug once more.")] = None,
        dry_run: Annotated[
            bool, typer.Option("-n", "--dry-run", help="Only say what would be deleted.")
        ] = False,
    ) -> None:
        run = invocation(ctx)
        with _of(run, desk, tenant) as (enterprise, found):
            if dry_run:
                rows = enterprise.archive.count(found.id)
            else:
                slug = _typed(run, found.slug) if confirm is None else confirm
                rows = enterprise.delete(CONSOLE, found.id, confirm=slug)
            run.output.rows(({"table": t, "rows": n} for t, n in rows.items()), schema="anom.deletion/1")


@contextmanager
def _of(run: Invocation, desk: Desk, text: str) -> Iterator[tuple["Enterprise", "TenantView"]]:
    """Raises NoSuchTenant."""
    with desk(run) as opened:
        yield opened.enterprise, find(opened.enterprise, text)


def find(enterprise: "Enterprise", text: str) -> "TenantView":
    """By id or slug. Raises NoSuchTenant."""
    from enterprise.domain.tenant import no_such_tenant

    if (id_ := parsed("ten", text)) is not None:
        return enterprise.tenants.get(TenantId(id_))
    found = enterprise.tenants.named(text)
    if found is None:
        raise no_such_tenant()
    return found


def _all(enterprise: "Enterprise") -> Iterator["TenantView"]:
    cursor: str | None = None
    while True:
        page = enterprise.tenants.of_all(limit=AT_ONCE, cursor=cursor)
        yield from page.items
        if (cursor := page.next_cursor) is None:
            return


def _row(view: "TenantView") -> dict[str, Any]:
    return {
        "id": shown("ten", view.id),
        "slug": view.slug,
        "name": view.name,
        "plan": view.plan,
        "state": view.state,
        "created_at": view.created_at.isoformat(),
    }


def _document(view: "TenantView") -> dict[str, Any]:
    return {
        "schema": "anom.tenant/1",
        **_row(view),
        "quotas": dict(view.quotas),
        "retention_days": dict(view.retention_days),
    }


def _limits(given: list[str]) -> dict[Any, int | None]:
    """Raises InvalidQuota."""
    from core.application.quota import Quota

    limits: dict[Any, int | None] = {}
    for text in given:
        name, _, amount = text.partition("=")
        digits, unit = (amount[:-1], UNITS[amount[-1]]) if amount[-1:] in UNITS else (amount, 1)
        number = digits.isascii() and digits.isdigit() and len(digits) < 13
        if name not in set(Quota) or not (number or amount == "unlimited"):
            raise InvalidQuota(f"{text!r}.", fix=f"Write NAME=NUMBER; names: {', '.join(Quota)}.")
        limits[Quota(name)] = None if amount == "unlimited" else int(digits) * unit
    return limits


def _typed(run: Invocation, slug: str) -> str:
    """Raises ConfirmationNeeded where nobody can type."""
    import sys

    if not sys.stdin.isatty():
        raise ConfirmationNeeded("There is no terminal to ask on.", fix=f"Add --confirm {slug}.")
    run.console.warning(f"All rows, files and keys of {slug} will be gone.")
    return str(typer.prompt(f"Type {slug} to delete it", err=True))


def _written(enterprise: "Enterprise", tenant_id: TenantId, output: Path) -> dict[str, int]:
    """Whole or not at all. Raises Unwritable."""
    partial = output.with_name(f".{output.name}.partial")
    try:
        partial.touch(mode=0o600)
        rows = enterprise.export(CONSOLE, tenant_id, partial)
        partial.replace(output)
    except OSError as error:
        raise ArchiveNotWritten(f"{output}: {error.strerror}.", fix="Choose another place.") from error
    finally:
        partial.unlink(missing_ok=True)
    return dict(rows)
