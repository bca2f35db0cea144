"""The application that serves HTTP: every context's routes under /api/v1, and what lies around them."""

import os
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path

from fastapi import APIRouter, FastAPI
from sqlalchemy import select

from core.api import Jobs
from core.infrastructure.database import Purpose
from core.infrastructure.logging import start_logging
from core.infrastructure.settings import Settings
from core.presentation import problems
from core.presentation.authentication import Authentication
from core.presentation.request_id import RequestId
from core.presentation.security_headers import SecurityHeaders
from data_platform.presentation.http.routes import ROUTERS as DATA_ROUTERS
from enterprise.presentation.http.routes import ROUTERS as ENTERPRISE_ROUTERS
from interfaces.bootstrap.service import Service, build
from interfaces.presentation import health_http, jobs_http
from interfaces.presentation.failures import Failures
from interfaces.presentation.health_http import Health
from interfaces.presentation.job_news import JobNews
from machine_learning.presentation.http.routes import ROUTERS as LEARNING_ROUTERS
from people_ops.presentation.routes import ROUTERS as PEOPLE_ROUTERS

PREFIX = "/api/v1"


def routers() -> Iterator[APIRouter]:
    """Of all contexts; of two routes that match, the first one answers."""
    yield from ENTERPRISE_ROUTERS
    yield from PEOPLE_ROUTERS
    yield from DATA_ROUTERS
    yield from LEARNING_ROUTERS
    yield from (jobs_http.router, jobs_http.admin_router)


def create_app(service: Service) -> FastAPI:
    """The application on ``service``, which the caller closes."""
    app = FastAPI(
        title="anomaly_detection", version=version("anomaly_detection"), docs_url=None, redoc_url=None
    )
    news = JobNews(service.bundles[Jobs].queries.these)
    app.state.services = {**service.bundles, JobNews: news, Health: health_of(service)}
    problems.install(app)
    for router in routers():
        app.include_router(router, prefix=PREFIX)
    app.include_router(health_http.router)
    app.include_router(health_http.api_router, prefix=PREFIX)
    # The last one added is the outermost.
    app.add_middleware(Authentication, authenticator=service.authenticator)
    app.add_middleware(Failures)
    app.add_middleware(SecurityHeaders)
    app.add_middleware(RequestId)
    return app


def health_of(service: Service) -> Health:
    """What this process stands on. The queue's messages may be lost, but where it is away jobs start late."""

    def database() -> None:
        with service.storage.database.as_system(Purpose.HEALTH) as session:
            session.execute(select(1))

    def queue() -> None:
        service.queue.depth()

    def disk() -> None:
        with service.files.staging() as path:
            path.write_bytes(b"written")

    checks = {"database": database, "queue": queue, "disk": disk}
    return Health(version("anomaly_detection"), checks, service.storage.clock)


def app() -> FastAPI:
    """For ``uvicorn --factory``: by the environment and the configuration files of the working folder."""
    settings = Settings.load(environment=os.environ, folder=Path.cwd())
    start_logging(settings.get("log.level"), settings.get("log.format"))
    return create_app(build(settings))
