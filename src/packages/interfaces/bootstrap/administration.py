"""The part of the service that knows its tenants, their people and all jobs: what operators' commands need."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from secrets import token_urlsafe
from typing import Any

from cryptography.fernet import Fernet

from core import wiring as core_wiring
from core.api import Jobs
from core.application.files import TenantFiles
from core.domain.ids import TenantId
from core.infrastructure.clock import utc_now
from core.infrastructure.database import open_database
from core.infrastructure.encryption import Cipher
from core.infrastructure.files import FolderFiles
from core.infrastructure.made_keys import made_once
from core.infrastructure.settings import Settings
from core.infrastructure.sql import Storage
from enterprise import wiring as enterprise_wiring
from enterprise.api import Enterprise, NoSuchTenant
from interfaces.bootstrap.database import data_folder, database_url
from interfaces.bootstrap.queue import LateQueue
from interfaces.bootstrap.tables import import_tables
from people_ops import wiring as people_wiring
from people_ops.api import PeopleOps, WaysIn
from people_ops.application.mail import Mailer
from people_ops.infrastructure.mail import LogMailer, SmtpMailer
from people_ops.infrastructure.people_sql import member_email, member_names


@dataclass(frozen=True, slots=True, kw_only=True)
class Administration:
    """``bundles`` holds each context's use cases by their type."""

    settings: Settings
    storage: Storage
    files: TenantFiles
    cipher: Cipher
    queue: LateQueue
    bundles: Mapping[type, Any]

    def tenant_id(self, slug: str) -> TenantId:
        """Raises NoSuchTenant."""
        found = self.bundles[Enterprise].tenants.named(slug)
        if found is None:
            raise NoSuchTenant(f"There is no tenant {slug!r}.", fix="Run: anomaly_detection tenant list")
        return TenantId(found.id)

    def close(self) -> None:
        self.queue.close()
        self.storage.database.dispose()


@dataclass(frozen=True, slots=True)
class Keys:
    """The service's secrets: configured ones, else those made once in the data folder."""

    settings: Settings

    def jwt(self) -> str:
        return self._key("jwt.secret_key", token_urlsafe)

    def audit(self) -> str:
        return self._key("security.audit_key", token_urlsafe)

    def cipher(self) -> Cipher:
        newest = self._key("security.encryption_key", lambda: Fernet.generate_key().decode())
        return Cipher.of_keys(newest, self.settings.get("security.previous_encryption_key"))

    def _key(self, setting: str, make: Callable[[], str]) -> str:
        folder: Path = self.settings.get("data.dir")
        return self.settings.get(setting) or made_once(folder / "keys" / setting, make)


def build_administration(settings: Settings, *, clock: Callable[[], datetime] = utc_now) -> Administration:
    """Raises KeyNotKept and UnusableFolder; nothing is connected yet."""
    import_tables()
    keys, setting = Keys(settings), settings.get
    data_folder(settings)
    audit_key, cipher, queue = keys.audit(), keys.cipher(), LateQueue(settings)
    database = open_database(
        database_url(settings),
        system_url=setting("database.system_url"),
        pool_size=setting("database.pool_size"),
    )
    audit_log = enterprise_wiring.audit_log(audit_key, clock, email_of=member_email)
    storage = Storage(database, audit_log, enterprise_wiring.quota_ledger(clock), clock, queue.dispatch)
    files = FolderFiles(setting("data.dir"))
    enterprise = enterprise_wiring.build_service(
        storage, files, audit_key, email_of=member_email, names_of=member_names
    )
    people = _people(settings, keys, storage, enterprise, cipher)
    return Administration(
        settings=settings,
        storage=storage,
        files=files,
        cipher=cipher,
        queue=queue,
        bundles={
            Jobs: core_wiring.build_service(storage),
            Enterprise: enterprise,
            PeopleOps: people,
            WaysIn: people.ways_in,
        },
    )


def _people(
    settings: Settings, keys: Keys, storage: Storage, enterprise: Enterprise, cipher: Cipher
) -> PeopleOps:
    setting = settings.get
    sign_in = people_wiring.SignIn(
        jwt_keys=(keys.jwt(), setting("jwt.previous_secret_key")),
        jwt_algorithm=setting("jwt.algorithm"),
        access_minutes=setting("jwt.access_token_expire_minutes"),
        idle_days=setting("jwt.refresh_token_expire_days"),
        public_url=public_url(settings),
        provider_networks=setting("security.identity_networks"),
        key_requests_per_minute=setting("api.key_requests_per_minute"),
        key_environment="live" if setting("service.env") == "production" else "dev",
    )
    return people_wiring.build_service(storage, enterprise, cipher, _mailer(settings), sign_in=sign_in)


def _mailer(settings: Settings) -> Mailer:
    setting = settings.get
    if not setting("mail.host"):
        return LogMailer()
    return SmtpMailer(
        host=setting("mail.host"),
        port=setting("mail.port"),
        sender=setting("mail.sender"),
        user=setting("mail.user"),
        password=setting("mail.password"),
        encryption=setting("mail.encryption"),
    )


def public_url(settings: Settings) -> str:
    """Where users reach the service: as configured, else where it listens."""
    configured: str = settings.get("service.public_url")
    return configured.rstrip("/") or f"http://{settings.get('api.host')}:{settings.get('api.port')}"
