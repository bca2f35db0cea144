"""``tenant`` and ``audit`` on the machine's own database."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
from sqlalchemy import update
from typer.testing import CliRunner, Result

from core.domain.actor import Actor
from core.infrastructure.database import Purpose
from core.infrastructure.sql import Storage
from core.presentation.cli import Invocation, command_line
from core.presentation.cli import Settings as CommandSettings
from enterprise.api import Enterprise, TenantDesk
from enterprise.application.delete_tenant import NotConfirmed
from enterprise.domain.tenant import NoSuchTenant
from enterprise.infrastructure.tables import audit
from enterprise.presentation import audit_cli, cli
from enterprise.presentation.audit_cli import BrokenChain
from enterprise.presentation.cli import ArchiveNotWritten, ConfirmationNeeded, InvalidQuota

Run = Callable[..., Result]


@pytest.fixture
def run(enterprise: Enterprise) -> Run:
    def no_settings(_: Invocation) -> CommandSettings:
        raise AssertionError("these commands read no setting themselves")

    @contextmanager
    def desk(_: Invocation) -> Iterator[TenantDesk]:
        yield TenantDesk(enterprise, lambda actor, email: f"https://anom.example/join#{email}")

    app = command_line("", version=lambda: "0", load_settings=no_settings)
    cli.add_commands(app, desk)
    audit_cli.add_commands(app, desk)

    def invoke(*arguments: str) -> Result:
        return CliRunner().invoke(app, ["-o", "json", *arguments])

    return invoke


def document(result: Result) -> Any:
    assert result.exception is None
    return json.loads(result.stdout)


def test_a_tenant_is_created_with_an_invitation_shown_and_listed(run: Run) -> None:
    made = document(run("tenant", "create", "acme", "--plan", "team", "--admin", "ana@example.org"))
    assert made["invitation"] == "https://anom.example/join#ana@example.org"
    assert document(run("tenant", "show", made["id"]))["slug"] == "acme"
    assert [item["slug"] for item in document(run("tenant", "list"))["items"]] == ["acme"]
    assert isinstance(run("tenant", "show", "nobody").exception, NoSuchTenant)


def test_quotas_are_set_with_units(run: Run, acme: Actor) -> None:
    changed = run("tenant", "quota", "acme", "--set", "rows_stored=10M", "--set", "models=unlimited")
    limits = {item["quota"]: item["limit"] for item in document(changed)["items"]}
    assert (limits["rows_stored"], limits["models"]) == (10_000_000, None)


@pytest.mark.parametrize("text", ["models", "models=", "models=-1", "models=1.5", "cars=3", "models=k"])
def test_what_is_no_quota_is_refused(run: Run, acme: Actor, text: str) -> None:
    assert isinstance(run("tenant", "quota", "acme", "--set", text).exception, InvalidQuota)


def test_a_tenant_is_suspended_and_resumed(run: Run, acme: Actor) -> None:
    run("tenant", "suspend", "acme")
    assert document(run("tenant", "show", "acme"))["state"] == "suspended"
    run("tenant", "resume", "acme")
    assert document(run("tenant", "show", "acme"))["state"] == "active"


def test_an_export_replaces_no_file_unless_forced(run: Run, acme: Actor, tmp_path: Path) -> None:
    path = tmp_path / "acme.zip"
    document(run("tenant", "export", "acme", "--output", str(path)))
    assert "manifest.json" in ZipFile(path).namelist()
    assert path.stat().st_mode & 0o077 == 0
    again = run("tenant", "export", "acme", "--output", str(path))
    assert isinstance(again.exception, ArchiveNotWritten)
    document(run("tenant", "export", "acme", "--output", str(path), "--force"))


def test_a_deletion_is_planned_confirmed_and_done(run: Run, enterprise: Enterprise, acme: Actor) -> None:
    plan = document(run("tenant", "delete", "acme", "--dry-run"))["items"]
    assert {"table": "enterprise_tenants", "rows": 1} in plan
    assert isinstance(run("tenant", "delete", "acme").exception, ConfirmationNeeded)
    assert isinstance(run("tenant", "delete", "acme", "--confirm", "beta").exception, NotConfirmed)
    assert enterprise.tenants.get(acme.tenant_id).state == "active"
    document(run("tenant", "delete", "acme", "--confirm", "acme"))
    assert enterprise.tenants.named("acme") is None


def test_a_broken_chain_is_an_error(run: Run, storage: Storage, acme: Actor) -> None:
    assert document(run("audit", "verify", "-t", "acme"))["whole"] is True
    assert document(run("audit", "export", "-t", "acme"))["items"][0]["action"] == "tenant.created"
    with storage.database.system_transaction(Purpose.AUDIT) as session:
        session.execute(update(audit).values(action="x"))
    assert isinstance(run("audit", "verify", "-t", "acme").exception, BrokenChain)
