import re
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from core.domain.actor import Actor
from core.domain.errors import Conflict, InvalidOption
from core.domain.ids import PLATFORM, TenantId, new_id
from core.domain.names import checked_name
from enterprise.application.ports import TenantQueries, TenantUnitOfWork
from enterprise.domain.plan import Plan
from enterprise.domain.tenant import LONGEST_NAME, PLATFORM_SLUG, SlugTaken, Tenant

SLUG = re.compile(r"[a-z0-9][a-z0-9-]{0,62}")


class InvalidSlug(InvalidOption):
    title = "That is no slug"


class AdminInvitation(Protocol):
    """people_ops invites the first administrator of a new tenant."""

    def __call__(self, actor: Actor, email: str) -> str:
        """The link, for the console. ``actor`` is within the new tenant."""


@dataclass(frozen=True, slots=True)
class CreateTenant:
    uow: Callable[[Actor], TenantUnitOfWork]
    tenants: TenantQueries
    clock: Callable[[], datetime]

    def __call__(self, actor: Actor, slug: str, *, name: str = "", plan: Plan = Plan.FREE) -> TenantId:
        """The operator's act is in the new tenant's chain and in the platform's. Raises InvalidSlug, SlugTaken,
        InvalidName."""
        if not SLUG.fullmatch(slug):
            raise InvalidSlug(f"{slug[:80]!r} is none.", fix="Use up to 63 of a-z, 0-9 and -, not - first.")
        if slug == PLATFORM_SLUG or self.tenants.named(slug) is not None:
            raise SlugTaken(f"{slug!r} is taken.", fix="Choose another.")
        tenant = Tenant(
            id=TenantId(new_id()),
            slug=slug,
            name=checked_name(name or slug, longest=LONGEST_NAME),
            plan=plan,
            created_at=self.clock(),
        )
        facts = {"slug": slug, "name": tenant.name, "plan": plan}
        with self.uow(actor.within(tenant.id)) as uow:
            uow.add_tenant(tenant)
            uow.audit("tenant.created", tenant.id, after=facts)
            uow.commit()
        with self.uow(actor.within(PLATFORM)) as uow:
            uow.audit("tenant.created", tenant.id, after=facts)
            uow.commit()
        return tenant.id


@dataclass(frozen=True, slots=True)
class EnsurePlatform:
    """The tenant of the operators is there; nothing changes where it was, or another process makes it just now."""

    uow: Callable[[Actor], TenantUnitOfWork]
    tenants: TenantQueries
    clock: Callable[[], datetime]

    def __call__(self) -> None:
        if self.tenants.named(PLATFORM_SLUG) is not None:
            return
        platform = Tenant(
            id=PLATFORM,
            slug=PLATFORM_SLUG,
            name="Platform",
            plan=Plan.ENTERPRISE,
            created_at=self.clock(),
        )
        with suppress(Conflict), self.uow(Actor(tenant_id=PLATFORM)) as uow:
            uow.add_tenant(platform)
            uow.audit("tenant.created", PLATFORM, after={"slug": PLATFORM_SLUG})
            uow.commit()
