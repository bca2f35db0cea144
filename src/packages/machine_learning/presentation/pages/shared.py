"""What the pages of models share: who may see them, how figures and people are written."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path

from core.api import Jobs
from core.domain.errors import NotFound
from core.domain.ids import KeyId, TenantId, UserId
from core.domain.names import can_be_shown, single_blanks
from core.presentation.http import from_state, requires
from core.presentation.page_routes import PageRoute
from core.presentation.parts import Link
from core.presentation.visit import Visit
from machine_learning.api import ModelRegistry, ModelView
from machine_learning.domain.registry.model import InvalidModelName
from people_ops.api import PeopleOps

Registry = Annotated[ModelRegistry, Depends(from_state(ModelRegistry))]
People = Annotated[PeopleOps, Depends(from_state(PeopleOps))]
JobBundle = Annotated[Jobs, Depends(from_state(Jobs))]
ModelPath = Annotated[str, Path(max_length=100)]
NumberPath = Annotated[int, Path(ge=1, le=10**9)]
MEGABYTE = 2**20
LONGEST_NAME = 120


def model_pages() -> APIRouter:
    return APIRouter(
        prefix="/t/{tenant}",
        route_class=PageRoute,
        include_in_schema=False,
        dependencies=[requires("models:read")],
    )


@dataclass(slots=True)
class Names:
    """Who did something, by name; each is looked up once."""

    people: PeopleOps
    tenant_id: TenantId
    known: dict[UserId, str] = field(default_factory=dict)

    def __call__(self, user_id: UserId | None, key_id: KeyId | None) -> str:
        if user_id is None:
            return "an API key" if key_id else "the console"
        if user_id not in self.known:
            self.known[user_id] = self._found(user_id)
        return self.known[user_id]

    def _found(self, user_id: UserId) -> str:
        try:
            member = self.people.queries.member(self.tenant_id, user_id)
        except NotFound:
            return "a former member"
        return member.name or member.email


def crumbs(visit: Visit, model: ModelView | None = None, *steps: str) -> tuple[Link, ...]:
    """``Models / payments / steps``; the last one is the page itself."""
    links = [Link("Models", visit.url("models"))]
    if model is not None:
        links.append(Link(model.name, visit.url("models", model.slug)))
    links += [Link(step, "") for step in steps]
    return (*links[:-1], Link(links[-1].value, ""))


def may_train(visit: Visit) -> bool:
    """On a page: it shows which datasets there are."""
    return visit.may("models:train") and visit.may("datasets:read")


def checked_name(text: str) -> str:
    """Raises InvalidModelName."""
    name = single_blanks(text)
    if not 0 < len(name) <= LONGEST_NAME or not can_be_shown(name):
        raise InvalidModelName(
            f"A name has 1 to {LONGEST_NAME} characters on one line, and each can be seen.",
            fix="Type another.",
            pointer="name",
        )
    return name


def percent(share: float) -> str:
    """Three significant digits: 0.567 %."""
    return f"{100 * share:.3g} %"


def interval(estimate: Mapping[str, float] | None) -> str:
    """``0.831 [0.712, 0.921]``."""
    if not estimate:
        return ""
    return f"{estimate['value']:.3g} [{estimate['low']:.3g}, {estimate['high']:.3g}]"


def measure(metrics: Mapping[str, Any] | None, name: str) -> float | None:
    found = (metrics or {}).get(name)
    return float(found["value"]) if isinstance(found, Mapping) else None


def size_text(size: int) -> str:
    return f"{size / MEGABYTE:.3g} MB" if size >= MEGABYTE else f"{size / 1024:,.0f} kB"
