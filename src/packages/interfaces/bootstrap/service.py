"""The service: every context, wired on one database, one folder of files and one set of keys."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from anomaly_detection import local_wiring as local_detection
from anomaly_detection import wiring as detection_wiring
from anomaly_detection.api import AnomalyDetection, Definitions, Explanations, Labels, Points, Runs, Scoring
from anomaly_detection.presentation.consumers import job_handlers as detection_jobs
from anomaly_detection.presentation.http.fitting_slots import FittingSlots
from core.application.authenticator import Authenticator
from core.application.files import TenantFiles
from core.application.jobs import JobHandler
from core.application.uploads import Uploads
from core.domain.public_ids import shown
from core.infrastructure.clock import utc_now
from core.infrastructure.encryption import Cipher
from core.infrastructure.logging import get_logger
from core.infrastructure.metrics import Metrics
from core.infrastructure.settings import Settings
from core.infrastructure.sql import Storage
from data_platform import local_wiring as local_data
from data_platform import wiring as data_wiring
from data_platform.api import DataPlatform, Datasets
from data_platform.infrastructure.readers.spool import SpoolSettings
from data_platform.presentation.consumers import job_handlers as data_jobs
from enterprise.api import Enterprise
from enterprise.presentation.consumers import job_handlers as enterprise_jobs
from interfaces.bootstrap.administration import Administration, build_administration
from machine_learning import wiring as learning_wiring
from machine_learning.api import ModelRegistry
from machine_learning.presentation.consumers import job_handlers as learning_jobs
from people_ops.api import PeopleOps
from people_ops.presentation.consumers import job_handlers as people_jobs

MEGABYTE = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Service(Administration):
    job_handlers: Mapping[str, JobHandler]
    authenticator: Authenticator
    metrics: Metrics = field(default_factory=Metrics)


def build(settings: Settings, *, clock: Callable[[], datetime] = utc_now) -> Service:
    """Raises KeyNotKept and UnusableFolder; nothing is connected yet."""
    base, setting = build_administration(settings, clock=clock), settings.get
    storage, files = base.storage, base.files
    enterprise: Enterprise = base.bundles[Enterprise]
    people: PeopleOps = base.bundles[PeopleOps]
    datasets = _datasets(settings, storage, files, base.cipher)
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
        cipher=base.cipher,
        queue=base.queue,
        bundles={
            **base.bundles,
            Uploads: Uploads(files, int(setting("api.max_upload_mb") * MEGABYTE)),
            DataPlatform: platform,
            Datasets: datasets,
            AnomalyDetection: detection,
            Definitions: definitions,
            Scoring: scoring,
            Points: detection_wiring.build_points(storage, scoring),
            FittingSlots: FittingSlots(),
            Explanations: detection_wiring.build_explanations(runs.reader),
            Labels: detection_wiring.build_labels(storage, datasets.queries.present),
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


def _datasets(settings: Settings, storage: Storage, files: TenantFiles, cipher: Cipher) -> Datasets:
    setting = settings.get
    return data_wiring.build_service(
        storage=storage,
        files=files,
        cipher=cipher,
        spool=SpoolSettings(
            setting("data.spool_dir"), int(setting("data.spool_limit_gb") * local_data.GIGABYTE)
        ),
        max_upload_bytes=int(setting("api.max_upload_mb") * MEGABYTE),
        source_networks=setting("security.source_networks"),
    )


def _computing(settings: Settings) -> tuple[DataPlatform, AnomalyDetection]:
    setting = settings.get
    warning = local_detection.prepare_computing(
        threads=setting("compute.threads"), numba_cache_dir=setting("compute.numba_cache_dir")
    )
    if warning:
        get_logger(__name__).warning("kernels_not_kept", reason=warning)
    platform = local_data.build(
        spool_dir=setting("data.spool_dir"), spool_limit_gb=setting("data.spool_limit_gb")
    )
    return platform, local_detection.build(platform, batch_rows=setting("data.batch_rows"))
