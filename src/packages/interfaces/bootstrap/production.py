"""What must be changed before the service may run: always, and where ``service.env`` is production."""

from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

from cryptography.fernet import Fernet

from core.domain.errors import InvalidOption
from core.infrastructure.database_roles import unsafe_roles
from core.infrastructure.settings import Settings
from enterprise.api import Enterprise
from interfaces.application.demo_access import SLUG as DEMO
from interfaces.bootstrap.administration import Administration
from interfaces.bootstrap.database import database_url

SECRETS = ("jwt.secret_key", "security.encryption_key", "security.audit_key")
SHORTEST = 32  # characters of a secret
FEWEST = 10  # different ones among them
KNOWN = ("change", "secret", "example", "default", "password", "your-", "your_", "insecure")
SCHEMES = {
    "database.url": ("postgresql", "postgres", "sqlite"),
    "database.system_url": ("postgresql", "postgres"),
    "redis.url": ("redis", "rediss", "unix"),
    "service.public_url": ("https", "http"),
}


class UnsafeSettings(InvalidOption):
    title = "The settings are not safe to run with"


@dataclass(frozen=True, slots=True)
class Unsafe:
    setting: str
    reason: str
    fix: str


def require_settings(settings: Settings) -> None:
    """Raises UnsafeSettings with everything to change."""
    found = list(impossible(settings))
    if settings.get("service.env") == "production":
        found += weak_secrets(settings)
        found += open_doors(settings)
    _refuse(found)


def require_state(service: Administration) -> None:
    """What only the database tells. Raises UnsafeSettings."""
    if service.settings.get("service.env") == "production":
        _refuse([*unsafe_database(service), *known_accounts(service)])


def impossible(settings: Settings) -> Iterator[Unsafe]:
    for path, known in SCHEMES.items():
        value = settings.get(path)
        if value and value.partition("://")[0] not in known:
            yield Unsafe(path, "is no address of a known kind", f"Begin it with {known[0]}://.")
    on_sqlite = database_url(settings).startswith("sqlite")
    if on_sqlite and settings.get("api.workers") > 1:
        yield Unsafe(
            "api.workers",
            "is above 1 with SQLite",
            "Set it to 1, or database.url to PostgreSQL (DATABASE_URL).",
        )
    if not on_sqlite and not settings.get("database.system_url"):
        yield Unsafe(
            "database.system_url",
            "is empty with PostgreSQL",
            "Set DATABASE_SYSTEM_URL: the same database as the role that bypasses row level security.",
        )
    key = settings.get("security.encryption_key")
    if key and not _is_fernet(key):
        yield Unsafe("security.encryption_key", "is no Fernet key", "Make one: see docs/guides/settings.md.")


def weak_secrets(settings: Settings) -> Iterator[Unsafe]:
    """Values are never repeated."""
    for path in SECRETS:
        value = settings.get(path)
        reason = _weakness(value, may_hold_words=path == "security.encryption_key")
        if reason:
            yield Unsafe(path, reason, f"Set it to {SHORTEST} or more random characters.")
    values = [settings.get(path) for path in SECRETS if settings.get(path)]
    if len(set(values)) < len(values):
        yield Unsafe("security.audit_key", "is equal to another secret", "Use a different one for each.")


def open_doors(settings: Settings) -> Iterator[Unsafe]:
    if settings.get("service.debug"):
        yield Unsafe("service.debug", "is on", "Turn it off.")
    if settings.get("security.insecure_http"):
        yield Unsafe("security.insecure_http", "is on", "Turn it off, and serve https through a proxy.")
    url = urlsplit(settings.get("service.public_url"))
    if url.scheme != "https" or not url.hostname:
        yield Unsafe("service.public_url", "is no https address", "Set the address that users open.")


def unsafe_database(service: Administration) -> Iterator[Unsafe]:
    for reason in unsafe_roles(service.storage.database):
        setting = "database.system_url" if "system_url" in reason else "database.url"
        yield Unsafe(setting, f"is unsafe: {reason}", "See deployment/postgresql/roles.sql.")


def known_accounts(service: Administration) -> Iterator[Unsafe]:
    enterprise: Enterprise = service.bundles[Enterprise]
    if enterprise.tenants.named(DEMO) is not None:
        yield Unsafe(
            "service.env",
            "is production, but the demo's accounts, whose passwords are known, exist",
            "Run: anomaly_detection demo purge",
        )


def _weakness(value: str, *, may_hold_words: bool) -> str:
    if not value:
        return "is not set"
    if len(value) < SHORTEST:
        return f"has fewer than {SHORTEST} characters"
    if len(set(value)) < FEWEST:
        return "is too simple"
    if not may_hold_words and any(word in value.lower() for word in KNOWN):
        return "looks like a default"
    return ""


def _is_fernet(key: str) -> bool:
    try:
        Fernet(key.encode())
    except ValueError:
        return False
    return True


def _refuse(found: list[Unsafe]) -> None:
    if found:
        listed = "; ".join(f"{each.setting} {each.reason}" for each in found)
        fixes = " ".join(f"{each.setting}: {each.fix}" for each in found)
        raise UnsafeSettings(f"The server does not start: {listed}.", fix=fixes)
