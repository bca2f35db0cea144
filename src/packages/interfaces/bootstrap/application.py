"""The application of one server process, with what runs beside its requests."""

import os
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

from fastapi import FastAPI
from fastapi.concurrency import run_in_threadpool
from starlette.types import ASGIApp

from anomaly_detection.local_wiring import load_kernels
from core.infrastructure.logging import start_logging
from core.infrastructure.metrics import FOLDER_VARIABLE, forget_dead_processes
from core.infrastructure.settings import Settings
from enterprise.api import Enterprise
from interfaces.bootstrap.background import Background, heard_first
from interfaces.bootstrap.http import create_app
from interfaces.bootstrap.metrics import CacheCounts, metrics_text
from interfaces.bootstrap.service import Service, build
from interfaces.bootstrap.worker import embedded_worker
from interfaces.presentation.job_news import JobNews
from interfaces.presentation.metrics_http import MetricsPort


def application(settings: Settings) -> ASGIApp:
    """In each server process."""
    if folder := os.environ.get(FOLDER_VARIABLE):
        forget_dead_processes(Path(folder))
    start_logging(settings.get("log.level"), settings.get("log.format"))
    service = build(settings)
    made = create_app(service, lifespan=partial(_life, service))
    port = settings.get("metrics.port")
    return MetricsPort(made, port, metrics_text(service)) if port else made


def app() -> ASGIApp:
    """For ``uvicorn --factory``: by the environment and the configuration files of the working folder."""
    return application(Settings.load(environment=os.environ, folder=Path.cwd()))


@asynccontextmanager
async def _life(service: Service, app: FastAPI) -> AsyncIterator[None]:
    background = background_of(service, app.state.services[JobNews])
    background.start()
    with heard_first(background.begin_to_stop):
        yield
    await run_in_threadpool(background.stop)
    service.close()


def background_of(service: Service, news: JobNews) -> Background:
    enterprise: Enterprise = service.bundles[Enterprise]
    worker, grace_s = embedded_worker(service), service.settings.get("api.grace_s")

    def start() -> None:
        threading.Thread(target=load_kernels, name="kernels", daemon=True).start()
        if worker is not None:
            worker.start()

    def stop_worker() -> None:
        if worker is not None:
            worker.stop(grace_s)

    return Background(
        start=start,
        at_stop=(news.close, stop_worker),
        every_second=(enterprise.count_scored_rows.write_all, CacheCounts(service)),
        grace_s=grace_s,
    )
