"""What lies around every request, from the outermost layer to the innermost."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from fastapi import FastAPI
from starlette.middleware.cors import CORSMiddleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.types import Scope
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from core.application.quota import Quota
from core.domain.ids import TenantId
from core.infrastructure.kept_answers import SqlAnswers
from core.infrastructure.outages import outage
from core.presentation.api_version import ApiVersion
from core.presentation.authentication import Authentication
from core.presentation.head import HeadAsGet
from core.presentation.hosts import Hosts
from core.presentation.limits import RequestLimits
from core.presentation.rate_limits import Allowances, Counters, RateLimits
from core.presentation.request_id import RequestId
from core.presentation.security_headers import SecurityHeaders
from core.presentation.site import Site
from enterprise.api import Enterprise
from interfaces.bootstrap.service import MEGABYTE, Service
from interfaces.infrastructure.rate_counters import MemoryCounters
from interfaces.presentation.access_log import AccessLog
from interfaces.presentation.deadline import Deadline
from interfaces.presentation.failures import Failures
from interfaces.presentation.idempotency import Idempotency
from interfaces.presentation.page_problems import PageProblems
from people_ops.api import PeopleOps

PROBES = frozenset({"/livez", "/readyz", "/health", "/api/v1/health", "/metrics", "/api/v1/metrics"})
LOG_IN = "/api/v1/auth/"
KEYS = "/api/v1/keys"
GZIP_LEVEL, GZIP_FROM = 1, 1_000
CORS: dict[str, Any] = {
    "allow_methods": ("GET", "POST", "PUT", "PATCH", "DELETE"),
    "allow_headers": ("Authorization", "Content-Type", "Idempotency-Key", "If-Match", "X-Request-Id"),
    "expose_headers": (
        "ETag",
        "Location",
        "Link",
        "Retry-After",
        "RateLimit",
        "RateLimit-Policy",
        "Idempotency-Replayed",
        "X-Request-Id",
        "API-Version",
    ),
}


def surround(app: FastAPI, service: Service, site: Site, takes_uploads: Callable[[Scope], bool]) -> None:
    setting = service.settings.get
    seconds = setting("api.request_timeout_s")
    # Each one that is added lies around those before it.
    app.add_middleware(
        Idempotency,
        answers=SqlAnswers(service.storage.database, service.storage.clock),
        patience=timedelta(seconds=2 * seconds),  # past its deadline a request may go on for a while
        is_exempt=makes_secrets,
        takes_uploads=takes_uploads,
    )
    app.add_middleware(Deadline, seconds=seconds, takes_uploads=takes_uploads)
    app.add_middleware(
        RequestLimits,
        max_bytes=int(setting("api.max_body_mb") * MEGABYTE),
        seconds=seconds,
        takes_uploads=takes_uploads,
    )
    app.add_middleware(
        RateLimits,
        counters=counters(setting("redis.url")),
        allowances=allowances(service),
        exempt=PROBES,
        log_in=LOG_IN,
    )
    app.add_middleware(
        Authentication,
        authenticator=service.authenticator,
        browsers=service.bundles[PeopleOps].browsers,
        public_url=site.public_url,
    )
    if setting("api.allowed_hosts"):
        app.add_middleware(Hosts, allowed=setting("api.allowed_hosts"), open_to_all=PROBES)
    app.add_middleware(Failures, outage=outage)
    app.add_middleware(PageProblems, site=site)
    app.add_middleware(GZipMiddleware, minimum_size=GZIP_FROM, compresslevel=GZIP_LEVEL)
    if setting("api.cors_origins"):
        app.add_middleware(CORSMiddleware, allow_origins=setting("api.cors_origins"), **CORS)
    app.add_middleware(HeadAsGet)
    app.add_middleware(SecurityHeaders)
    app.add_middleware(ApiVersion)
    app.add_middleware(AccessLog, observe=service.metrics.observe_request)
    app.add_middleware(RequestId)
    if setting("api.trusted_proxies"):
        app.add_middleware(ProxyHeadersMiddleware, trusted_hosts=list(setting("api.trusted_proxies")))


def counters(redis_url: str) -> Counters:
    """Those in Redis are imported where there is one: with ``limits``, which is slow to import."""
    if not redis_url:
        return MemoryCounters()
    from interfaces.infrastructure.redis_rate_counters import RedisCounters

    return RedisCounters(redis_url)


def makes_secrets(scope: Scope) -> bool:
    """Whether the answer holds a token or a key, which must not be kept."""
    path: str = scope["path"]
    return path.startswith((LOG_IN, f"{KEYS}/")) or path == KEYS


def allowances(service: Service) -> Allowances:
    setting, enterprise = service.settings.get, service.bundles[Enterprise]

    def of_tenant(tenant_id: TenantId) -> int | None:
        limit: int | None = enterprise.tenants.get(tenant_id).quotas[Quota.REQUESTS_PER_MINUTE]
        return limit

    return Allowances(
        setting("api.key_requests_per_minute"), setting("api.login_attempts_per_minute"), of_tenant
    )
