"""Signing and encryption keys change from one start to the next: nobody is thrown out, and the old ones end."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from cryptography.fernet import Fernet
from fastapi.testclient import TestClient
from jose import jwt
from passlib.totp import TOTP

from core.infrastructure.encryption import UnreadableSecret
from core.infrastructure.settings import Settings
from enterprise.api import Enterprise
from interfaces.bootstrap.database import DatabaseOperations
from interfaces.bootstrap.http import create_app
from interfaces.bootstrap.service import build
from interfaces.infrastructure.reencryption import reencrypt
from tests.support.installations import NewInstallation
from tests.support.tenants import PASSWORD, Town

EMAIL = "ana@acme.example"
OLD, NEW = "old-" + "a1b2c3d4" * 5, "new-" + "e5f6a7b8" * 5
KEPT = "data.dir", "database.url", "database.system_url"


@contextmanager
def started(installation: Settings, **variables: str) -> Iterator[Town]:
    """The service of an installation, with these keys."""
    kept = {
        f"ANOMALY_DETECTION_{path.replace('.', '__').upper()}": str(installation.get(path)) for path in KEPT
    }
    given = {f"ANOMALY_DETECTION_{name.upper()}": value for name, value in variables.items()}
    service = build(Settings.load(environment=kept | given, folder=installation.get("data.dir")))
    with TestClient(create_app(service), raise_server_exceptions=False) as client:
        yield Town(service, client)
    service.close()


@pytest.fixture
def installation(new_installation: NewInstallation) -> Settings:
    settings = new_installation()
    DatabaseOperations(settings).migrate()
    service = build(settings)
    service.bundles[Enterprise].ensure_platform()
    service.close()
    return settings


def me(town: Town, token: str) -> int:
    return town.client.get("/api/v1/me", headers={"Authorization": f"Bearer {token}"}).status_code


def test_tokens_of_the_previous_signing_key_go_on_until_it_is_removed(installation: Settings) -> None:
    with started(installation, jwt__secret_key=OLD) as town:
        first = town.person("acme", "viewer", email=EMAIL).token
    with started(installation, jwt__secret_key=NEW, jwt__previous_secret_key=OLD) as town:
        assert me(town, first) == 200
        second = town.signed_in(EMAIL, "acme")
        assert me(town, second) == 200
    names = [jwt.get_unverified_header(token)["kid"] for token in (first, second)]
    assert names[0] != names[1]
    with started(installation, jwt__secret_key=NEW) as town:
        assert me(town, second) == 200
        assert me(town, first) == 401


def test_a_server_that_has_not_changed_yet_can_know_the_next_key(installation: Settings) -> None:
    with started(installation, jwt__secret_key=NEW) as town:
        token = town.person("acme", "viewer", email=EMAIL).token
    with started(installation, jwt__secret_key=OLD, jwt__previous_secret_key=NEW) as town:
        assert me(town, token) == 200


def test_secrets_of_the_previous_encryption_key_are_read_and_encrypted_anew(installation: Settings) -> None:
    old, new = Fernet.generate_key().decode(), Fernet.generate_key().decode()
    with started(installation, security__encryption_key=old) as town:
        person = town.person("acme", "viewer", email=EMAIL)
        seed = person("POST", "/auth/totp", json={"password": PASSWORD}).json()["secret"]
        code = TOTP(key=seed, format="base32").generate().token
        assert person("POST", "/auth/totp/confirmation", json={"code": code}).status_code == 200
        admin = town.person("acme", "tenant_admin")
        url = "postgresql://reader:secret@db.example/shop"
        source = {"name": "shop", "url": url, "query": "select 1"}
        assert admin("POST", "/sources", json=source).status_code == 201
    with started(installation, security__encryption_key=new) as town:
        assert log_in(town) == 503
        with pytest.raises(UnreadableSecret, match="2 of 2"):
            reencrypt(town.service.storage.database, town.service.cipher)
    both = {"security__encryption_key": new, "security__previous_encryption_key": old}
    with started(installation, **both) as town:
        assert log_in(town) == 401
        assert reencrypt(town.service.storage.database, town.service.cipher) == 2
    with started(installation, security__encryption_key=new) as town:
        assert log_in(town) == 401
        assert reencrypt(town.service.storage.database, town.service.cipher) == 2


def log_in(town: Town) -> int:
    """With a code that is wrong: 401 where the seed could be read."""
    form = {"username": EMAIL, "password": PASSWORD, "tenant": "acme", "otp": "000000"}
    return town.client.post("/api/v1/auth/token", data=form).status_code
