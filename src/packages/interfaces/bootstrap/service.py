"""The service: every context, wired on one database, one folder of files and one set of keys."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from secrets import token_urlsafe
from typing import Any

from cryptography.fernet import Fernet

from anomaly_detection import wiring as detection_wiring
from anomaly_detection.api import AnomalyDetection, Definitions, Explanations, Labels, Points, Runs, Scoring
from anomaly_detection.presentation.consumers import job_handlers as detection_jobs
from anomaly_detection.presentation.http.fitting_slots import FittingSlots
from core import wiring as core_wiring
from core.api import Jobs
from core.application.files import TenantFiles
from core.application.jobs import JobHandler
from core.domain.ids import TenantId
from core.domain.public_ids import shown
from core.infrastructure.clock import utc_now
from core.infrastructure.database import open_database
from core.infrastructure.encryption import Cipher
from core.infrastructure.files import FolderFiles
from core.infrastructure.job_queue import JobQueue
from core.infrastructure.logging import get_logger
from core.infrastructure.made_keys import made_once
from core.infrastructure.metrics import Metrics
from core.infrastructure.settings import Settings
from core.infrastructure.sql import Storage
from core.presentation.authentication import Authenticator
from core.presentation.bodies import Uploads
from data_platform import wiring as data_wiring
from data_platform.api import DataPlatform, Datasets
from data_platform.infrastructure.readers.spool import SpoolSettings
from data_platform.presentation.consumers import job_handlers as data_jobs
from enterprise import wiring as enterprise_wiring
from enterprise.api import Enterprise, NoSuchTenant
from enterprise.presentation.consumers import job_handlers as enterprise_jobs
from interfaces.bootstrap.database import data_folder, database_url
from interfaces.bootstrap.queue import job_queue
from interfaces.bootstrap.tables import import_tables
from machine_learning import wiring as learning_wiring
from machine_learning.api import ModelRegistry
from machine_learning.presentation.consumers import job_handlers as learning_jobs
from people_ops import wiring as people_wiring
from people_ops.api import PeopleOps, WaysIn
from people_ops.application.mail import Mailer
from people_ops.infrastructure.mail import LogMailer, SmtpMailer
from people_ops.infrastructure.people_sql import member_email, member_names
from people_ops.presentation.consumers import job_handlers as people_jobs

MEGABYTE = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """``bundles`` holds each context's use cases by their type."""

    settings: Settings
    storage: Storage
    files: TenantFiles
    cipher: Cipher
    queue: JobQueue
    bundles: Mapping[type, Any]
    job_handlers: Mapping[str, JobHandler]
    authenticator: Authenticator
    metrics: Metrics = field(default_factory=Metrics)

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


def build(settings: Settings, *, clock: Callable[[], datetime] = utc_now) -> Service:
    """Raises KeyNotKept and UnusableFolder; nothing is connected yet."""
    import_tables()
    keys, setting = Keys(settings), settings.get
    data_folder(settings)
    audit_key, cipher, queue = keys.audit(), keys.cipher(), job_queue(settings)
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
    datasets = _datasets(settings, storage, files, cipher)
    platform, detection = _computing(settings)
    registry = learning_wiring.build_service(detection, datasets.reader, storage=storage, files=files)
    definitions = detection_wiring.build_definitions(storage, datasets.reader)
    scoring = detection_wiring.build_scoring(
        detection,
        definitions,
        datasets.reader,
        models=registry.detectors,
        count=enterprise.count_scored_rows,
        cut_offs=enterprise.cut_offs,
    )
    metrics = Metrics()
    runs = detection_wiring.build_runs(
        detection,
        detection_wiring.RunSources(
            datasets.reader,
            definitions.reader,
            registry.detectors,
            datasets.rows.exported,
            enterprise.cut_offs,
        ),
        storage=storage,
        files=files,
        count=lambda algorithm, dataset_id, rows: metrics.count_anomalies(
            algorithm, shown("ds", dataset_id), rows
        ),
    )
    return Service(
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
            Uploads: Uploads(files, int(setting("api.max_upload_mb") * MEGABYTE)),
            DataPlatform: platform,
            Datasets: datasets,
            AnomalyDetection: detection,
            Definitions: definitions,
            Scoring: scoring,
            Points: detection_wiring.build_points(storage, scoring),
            FittingSlots: FittingSlots(),
            Explanations: detection_wiring.build_explanations(runs.reader),
            Labels: detection_wiring.build_labels(storage),
            ModelRegistry: registry,
            Runs: runs,
        },
        job_handlers={
            **enterprise_jobs(enterprise),
            **people_jobs(people),
            **data_jobs(datasets),
            **detection_jobs(runs),
            **learning_jobs(registry),
        },
        metrics=metrics,
        authenticator=people.authenticator,
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


def _datasets(settings: Settings, storage: Storage, files: TenantFiles, cipher: Cipher) -> Datasets:
    setting = settings.get
    return data_wiring.build_service(
        storage=storage,
        files=files,
        cipher=cipher,
        spool=SpoolSettings(
            setting("data.spool_dir"), int(setting("data.spool_limit_gb") * data_wiring.GIGABYTE)
        ),
        max_upload_bytes=int(setting("api.max_upload_mb") * MEGABYTE),
        source_networks=setting("security.source_networks"),
    )


def _computing(settings: Settings) -> tuple[DataPlatform, AnomalyDetection]:
    setting = settings.get
    warning = detection_wiring.prepare_computing(
        threads=setting("compute.threads"), numba_cache_dir=setting("compute.numba_cache_dir")
    )
    if warning:
        get_logger(__name__).warning("kernels_not_kept", reason=warning)
    platform = data_wiring.build(
        spool_dir=setting("data.spool_dir"), spool_limit_gb=setting("data.spool_limit_gb")
    )
    return platform, detection_wiring.build(platform, batch_rows=setting("data.batch_rows"))
