"""Named query strings of somebody's lists, as pages show them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from core.domain.ids import TenantId, UserId


@dataclass(frozen=True, slots=True)
class SavedView:
    """A named query string of one of somebody's lists."""

    id: UUID
    name: str
    query: str


class SavedViews(Protocol):
    def of(self, tenant_id: TenantId, user_id: UserId, page: str) -> Sequence[SavedView]:
        """By name. ``page`` is the path below the tenant's, such as ``/runs``."""
