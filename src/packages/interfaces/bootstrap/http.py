"""The application that serves HTTP: every context's routes under /api/v1, and what lies around them."""

from collections.abc import Iterator
from importlib.metadata import version

from fastapi import APIRouter, FastAPI
from fastapi.routing import iter_route_contexts
from starlette.types import Lifespan

from anomaly_detection.presentation.http.routes import ROUTERS as DETECTION_ROUTERS
from core.api import Jobs
from core.presentation import problems
from core.presentation.asgi import takes_uploads
from core.presentation.direct_routes import DirectRoutes
from data_platform.presentation.http.routes import ROUTERS as DATA_ROUTERS
from enterprise.presentation.http.routes import ROUTERS as ENTERPRISE_ROUTERS
from interfaces.bootstrap.health import health_of
from interfaces.bootstrap.metrics import metrics_text
from interfaces.bootstrap.middleware import surround
from interfaces.bootstrap.service import Service, public_url
from interfaces.presentation import docs_http, health_http, jobs_http, metrics_http
from interfaces.presentation.assets import Assets
from interfaces.presentation.docs_http import Documentation
from interfaces.presentation.health_http import Health
from interfaces.presentation.job_news import JobNews
from interfaces.presentation.metrics_http import MetricsText
from interfaces.presentation.openapi import ApiDocument
from machine_learning.presentation.http.routes import ROUTERS as LEARNING_ROUTERS
from people_ops.presentation.routes import ROUTERS as PEOPLE_ROUTERS

PREFIX = "/api/v1"


def routers() -> Iterator[APIRouter]:
    """Of all contexts; of two routes that match, the first one answers. Each costs those after it some microseconds, so the
    busiest come first."""
    yield from DETECTION_ROUTERS
    yield from ENTERPRISE_ROUTERS
    yield from PEOPLE_ROUTERS
    yield from DATA_ROUTERS
    yield from LEARNING_ROUTERS
    yield from (jobs_http.router, jobs_http.admin_router)


def create_app(service: Service, *, lifespan: Lifespan[FastAPI] | None = None) -> FastAPI:
    """The application on ``service``, which the caller closes."""
    app = FastAPI(
        title="anomaly_detection",
        version=version("anomaly_detection"),
        openapi_url=None,
        lifespan=lifespan,
    )
    news = JobNews(service.bundles[Jobs].queries.these)
    documentation = Documentation(ApiDocument(app, public_url(service.settings)))
    app.state.services = {
        **service.bundles,
        JobNews: news,
        Health: health_of(service),
        Documentation: documentation,
        MetricsText: metrics_text(service),
    }
    problems.install(app)
    for router in routers():
        app.include_router(router, prefix=PREFIX)
    app.include_router(health_http.router)
    app.include_router(health_http.api_router, prefix=PREFIX)
    app.include_router(docs_http.router)
    if service.settings.get("metrics.enabled"):
        app.include_router(metrics_http.router)
        app.include_router(metrics_http.api_router, prefix=PREFIX)
    app.mount("/static", Assets(), name="static")
    uploads = [route for router in routers() for route in router.routes]
    app.router.middleware_stack = DirectRoutes(app.router.middleware_stack, iter_route_contexts(app.routes))
    surround(app, service, takes_uploads(uploads, PREFIX))
    return app
