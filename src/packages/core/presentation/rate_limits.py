"""How many requests a minute each key or person, each tenant, and each address that logs in may send."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from ipaddress import IPv6Address, ip_address, ip_network
from math import ceil
from typing import Protocol

from starlette.concurrency import run_in_threadpool
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from core.domain.actor import Actor
from core.domain.errors import TooMany
from core.domain.ids import TenantId
from core.presentation.problems import of_error, request_id_of

MINUTE = 60
REMEMBERED_S = 10.0  # how soon a new plan bites
MOST_REMEMBERED = 10_000


class TooManyRequests(TooMany):
    title = "Too many requests"


@dataclass(frozen=True, slots=True)
class Spent:
    """What is left of a minute's requests, and the seconds until the next minute begins."""

    policy: str
    limit: int
    used: int
    reset_s: int

    @property
    def left(self) -> int:
        return max(0, self.limit - self.used)

    def headers(self) -> tuple[tuple[bytes, bytes], ...]:
        policy, left = self.policy.encode(), self.left
        return (
            (b"ratelimit-policy", b'"%b";q=%d;w=%d' % (policy, self.limit, MINUTE)),
            (b"ratelimit", b'"%b";r=%d;t=%d' % (policy, left, self.reset_s)),
            (b"x-ratelimit-limit", b"%d" % self.limit),
            (b"x-ratelimit-remaining", b"%d" % left),
            (b"x-ratelimit-reset", b"%d" % self.reset_s),
        )


class Counters(Protocol):
    waits: bool
    """Whether it asks another program: then never on the event loop."""

    def count(self, limits: Mapping[str, int]) -> list[tuple[int, float]]:
        """Counts one request of each subject, in turn, up to the first that is past its limit: how many that makes in its
        minute, and when that ends (seconds of the epoch)."""


@dataclass(slots=True)
class Allowances:
    """``of_tenant`` asks the database; None: unlimited."""

    key: int
    address: int
    of_tenant: Callable[[TenantId], int | None]
    _known: dict[TenantId, tuple[float, int | None]] = field(default_factory=dict)

    def knows(self, tenant_id: TenantId) -> bool:
        since, _ = self._known.get(tenant_id, (float("-inf"), None))
        return time.monotonic() - since < REMEMBERED_S

    def tenant(self, tenant_id: TenantId) -> int | None:
        if not self.knows(tenant_id):
            if len(self._known) >= MOST_REMEMBERED:
                self._known.clear()
            self._known[tenant_id] = time.monotonic(), self.of_tenant(tenant_id)
        return self._known[tenant_id][1]


class RateLimits:
    """ASGI middleware, within Authentication. Says on each answer what is left of the tighter limit; 429 past it."""

    def __init__(
        self, app: ASGIApp, *, counters: Counters, allowances: Allowances, exempt: frozenset[str], log_in: str
    ) -> None:
        self.app, self.counters, self.allowances = app, counters, allowances
        self.exempt, self.log_in = exempt, log_in

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] in self.exempt:
            await self.app(scope, receive, send)
            return
        caller = scope.get("state", {}).get("caller")
        tightest: Spent | None = None
        if isinstance(caller, Actor):
            tightest = await self._spent(caller)
        elif scope["path"].startswith(self.log_in):
            tightest = await self._asked(self._of_address, scope)
        if tightest is None:
            await self.app(scope, receive, send)
            return
        headers = tightest.headers()

        async def send_with_limits(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], *headers]
            await send(message)

        if tightest.used > tightest.limit:
            await _refusal(scope, tightest)(scope, receive, send_with_limits)
        else:
            await self.app(scope, receive, send_with_limits)

    async def _spent(self, actor: Actor) -> Spent:
        if self.counters.waits or not self.allowances.knows(actor.tenant_id):
            return await run_in_threadpool(self._of_actor, actor)
        return self._of_actor(actor)

    async def _asked(self, count: Callable[[Scope], Spent], scope: Scope) -> Spent:
        return await run_in_threadpool(count, scope) if self.counters.waits else count(scope)

    def _of_actor(self, actor: Actor) -> Spent:
        """What is past its own limit does not use up the tenant's."""
        limits = {f"caller:{actor.key_id or actor.user_id}": self.allowances.key}
        tenants = self.allowances.tenant(actor.tenant_id)
        if tenants is not None:
            limits[f"tenant:{actor.tenant_id}"] = tenants
        spent = self._counted(("default", "tenant"), limits)
        return min(spent, key=lambda each: each.limit - each.used)

    def _of_address(self, scope: Scope) -> Spent:
        return self._counted(("log-in",), {f"address:{_network_of(scope)}": self.allowances.address})[0]

    def _counted(self, policies: Sequence[str], limits: Mapping[str, int]) -> list[Spent]:
        found, now = self.counters.count(limits), time.time()
        return [
            Spent(policy, limit, used, min(MINUTE, max(1, ceil(ends_at - now))))
            for policy, limit, (used, ends_at) in zip(policies, limits.values(), found, strict=False)
        ]


def _network_of(scope: Scope) -> str:
    """The peer, or the /64 it is in, of which one host has all."""
    given = scope["client"][0] if scope.get("client") else ""
    try:
        address = ip_address(given)
    except ValueError:
        return str(given)
    return str(ip_network((address, 64), strict=False)) if isinstance(address, IPv6Address) else given


def _refusal(scope: Scope, spent: Spent) -> ASGIApp:
    error = TooManyRequests(
        f"The limit {spent.policy!r} is {spent.limit} requests a minute.",
        fix="Wait for the seconds of Retry-After, then send it again.",
        retry_after=spent.reset_s,
        policy=spent.policy,
        limit=spent.limit,
    )
    return of_error(scope["path"], error, request_id=request_id_of(scope))
