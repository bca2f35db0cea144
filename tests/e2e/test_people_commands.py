"""A tenant, its people and a key as an operator types them on the machine of a new installation."""

from pathlib import Path

from fastapi.testclient import TestClient

from interfaces.bootstrap.http import create_app
from interfaces.bootstrap.service import build
from tests.support.command_line import CommandLine
from tests.support.installations import settings


def test_a_tenant_gets_its_first_administrator_and_a_key(cli: CommandLine) -> None:
    made = cli.cold("tenant", "create", "acme", "--admin", "ana@acme.example", "-o", "json").document
    assert "/invitation/" in made["invitation"]
    again = cli.cold("user", "invite", "ana@acme.example", "--role", "viewer", "-t", "acme")
    assert (again.code, "open" in again.error) == (5, True)
    assert cli.cold("user", "list", "-t", "acme", "-o", "json").document["items"] == []
    options = ("--name", "import", "--scope", "ingest,read", "--ttl", "30d", "-t", "acme", "-o", "json")
    key = cli.cold("key", "create", *options).document
    assert asked(cli.folder / "var", key["key"]) == 200
    assert cli.cold("key", "revoke", key["id"], "-t", "acme").code == 0
    assert asked(cli.folder / "var", key["key"]) == 401


def asked(folder: Path, key: str) -> int:
    """The status a request with that key gets."""
    service = build(settings(folder, {}))
    with TestClient(create_app(service)) as client:
        status = client.get("/api/v1/me", headers={"Authorization": f"Bearer {key}"}).status_code
    service.close()
    return status
