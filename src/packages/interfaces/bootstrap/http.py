"""The application that serves HTTP: every context's routes under /api/v1, and what lies around them."""

from collections.abc import Callable, Iterator
from functools import cache
from importlib.metadata import version

from fastapi import APIRouter, FastAPI
from fastapi.routing import iter_route_contexts
from starlette.routing import BaseRoute
from starlette.types import Lifespan, Scope

from anomaly_detection.presentation.http.routes import ROUTERS as DETECTION_ROUTERS
from anomaly_detection.presentation.page_routes import ROUTERS as DETECTION_PAGES
from core.api import Jobs
from core.presentation import problems
from core.presentation.asgi import takes_uploads
from core.presentation.direct_routes import DirectRoutes
from core.presentation.site import Site
from data_platform.presentation.http.routes import ROUTERS as DATA_ROUTERS
from data_platform.presentation.page_routes import ROUTERS as DATA_PAGES
from enterprise.presentation.http.routes import ROUTERS as ENTERPRISE_ROUTERS
from enterprise.presentation.page_routes import ROUTERS as ENTERPRISE_PAGES
from interfaces.application.load_sample import LoadSample
from interfaces.application.overview import LookOver
from interfaces.bootstrap.administration import public_url
from interfaces.bootstrap.health import health_of
from interfaces.bootstrap.metrics import metrics_text
from interfaces.bootstrap.middleware import surround
from interfaces.bootstrap.service import Service
from interfaces.bootstrap.site import load_sample, look_over, site_of, storage_desk
from interfaces.presentation import (
    admin_pages,
    docs_http,
    health_http,
    job_lists,
    job_pages,
    jobs_http,
    metrics_http,
    overview_pages,
)
from interfaces.presentation.admin_pages import StorageDesk
from interfaces.presentation.assets import Assets
from interfaces.presentation.docs_http import Documentation
from interfaces.presentation.health_http import Health
from interfaces.presentation.job_news import JobNews
from interfaces.presentation.metrics_http import MetricsText
from interfaces.presentation.openapi import ApiDocument
from machine_learning.presentation.http.routes import ROUTERS as LEARNING_ROUTERS
from machine_learning.presentation.page_routes import ROUTERS as LEARNING_PAGES
from people_ops.presentation.page_routes import ROUTERS as PEOPLE_PAGES
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


def page_routers() -> Iterator[APIRouter]:
    """Of all contexts, the more special paths before the more general."""
    yield docs_http.router
    yield from PEOPLE_PAGES
    yield from ENTERPRISE_PAGES
    yield from DATA_PAGES
    yield from DETECTION_PAGES
    yield from LEARNING_PAGES
    yield job_pages.router
    yield overview_pages.router
    yield from (job_lists.router, job_lists.admin_router, admin_pages.router)


@cache
def routes(*, with_metrics: bool) -> tuple[BaseRoute, ...]:
    """They hold nothing of an application, and all that is known of them takes half a second to find out: those of
    one process share them."""
    whole = APIRouter()
    for router in routers():
        whole.include_router(router, prefix=PREFIX)
    whole.include_router(health_http.router)
    whole.include_router(health_http.api_router, prefix=PREFIX)
    for router in page_routers():
        whole.include_router(router)
    if with_metrics:
        whole.include_router(metrics_http.router)
        whole.include_router(metrics_http.api_router, prefix=PREFIX)
    return tuple(whole.routes)


def create_app(service: Service, *, lifespan: Lifespan[FastAPI] | None = None) -> FastAPI:
    """The application on ``service``, which the caller closes."""
    app = FastAPI(
        title="anomaly_detection",
        version=version("anomaly_detection"),
        openapi_url=None,
        lifespan=lifespan,
        routes=list(routes(with_metrics=service.settings.get("metrics.enabled"))),
    )
    news = JobNews(service.bundles[Jobs].queries.these)
    documentation = Documentation(ApiDocument(app, public_url(service.settings)))
    app.state.services = {
        **service.bundles,
        JobNews: news,
        Health: health_of(service),
        Documentation: documentation,
        MetricsText: metrics_text(service),
        Site: (site := site_of(service)),
        LookOver: look_over(service),
        LoadSample: load_sample(service),
        StorageDesk: storage_desk(service),
    }
    problems.install(app)
    app.mount("/static", Assets(), name="static")
    app.router.middleware_stack = DirectRoutes(app.router.middleware_stack, iter_route_contexts(app.routes))
    surround(app, service, site, uploads())
    return app


def uploads() -> Callable[[Scope], bool]:
    """Which requests have bodies that are streamed to disk."""
    of_api = takes_uploads([route for router in routers() for route in router.routes], PREFIX)
    of_pages = takes_uploads([route for router in page_routers() for route in router.routes], "")
    return lambda scope: of_api(scope) or of_pages(scope)
