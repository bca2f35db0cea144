"""What the pages of a tenant's settings share."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from fastapi import APIRouter, Response
from pydantic import BaseModel, ValidationError

from core.presentation.http import requires
from core.presentation.page_routes import PageRoute
from core.presentation.parts import Field, Link, Option, Tab
from core.presentation.settings_tabs import settings_tabs
from core.presentation.visit import Visit
from people_ops.api import PeopleOps
from people_ops.application.ports import RoleView
from people_ops.domain.permissions import Role

M = TypeVar("M", bound=BaseModel)
ROLES = {
    Role.VIEWER: "Sees everything, changes nothing.",
    Role.ANALYST: "Adds data, runs detectors, labels, trains models.",
    Role.DATA_SCIENTIST: "As an analyst; also promotes models and rolls them back.",
    Role.TENANT_ADMIN: "Everything in this tenant: people, keys and audit, too.",
}

MEND = {  # by pydantic's kind of problem, where its own words are for programmers
    "too_short": "Choose one at least.",
    "string_too_short": "Fill it in.",
    "string_pattern_mismatch": "It holds characters that may not stand here.",
    "literal_error": "There is no such choice.",
    "int_parsing": "Type a whole number.",
    "greater_than_equal": "Type {ge} or more.",
    "less_than_equal": "Type {le} or less.",
    "string_too_long": "Type {max_length} characters at most.",
    "too_long": "Choose {max_length} at most.",
}


class Misfit(Exception):
    """What a form sent is not what the API would take: what was wrong, by field."""

    def __init__(self, wrong: Mapping[str, str]) -> None:
        super().__init__("; ".join(wrong.values()))
        self.wrong = wrong


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfirmPage:
    """The last step before what cannot be undone."""

    title: str
    notes: tuple[str, ...]
    action: str
    button: str
    back: Link


def search_field(label: str, value: str) -> Field:
    return Field(name="q", label=label, kind="search", value=value)


def state_field(states: Sequence[str], chosen: str) -> Field:
    options = (Option("", "any"), *(Option(each, each, each == chosen) for each in states))
    return Field(name="state", label="State", kind="select", options=options)


def settings_pages(permission: str) -> APIRouter:
    """Of people who have the permission."""
    return APIRouter(
        prefix="/t/{tenant}/settings",
        route_class=PageRoute,
        include_in_schema=False,
        dependencies=[requires(permission)],
    )


def tabs_of(visit: Visit) -> tuple[Tab, ...]:
    return settings_tabs(visit)


def confirm_page(visit: Visit, page: ConfirmPage) -> Response:
    return visit.page("people_ops/confirm.html", page, title=page.title)


def fitting(model: type[M], values: Mapping[str, Any]) -> M:
    """Forms may hold what bodies of the API may hold. Raises Misfit."""
    try:
        return model.model_validate(values)
    except ValidationError as error:
        found = {
            str(each["loc"][0]): MEND.get(each["type"], "{}").format(each["msg"], **each.get("ctx", {}))
            for each in error.errors()
            if each["loc"]
        }
        raise Misfit(found) from error


def marked(fields: Iterable[Field], wrong: Mapping[str, str]) -> tuple[Field, ...]:
    return tuple(replace(field, error=wrong.get(field.name, field.error)) for field in fields)


def roles_field(
    visit: Visit, people: PeopleOps, chosen: Sequence[str], *, name: str = "roles", label: str = "Roles"
) -> Field:
    """Those that give no more than the visitor has; a role somebody has already is always among them."""
    options = tuple(
        Option(role.name, role.name, role.name in chosen, hint=_in_short(role))
        for role in people.queries.roles(visit.actor.tenant_id)
        if role.name in chosen or visit.actor.permissions.issuperset(role.permissions)
    )
    return Field(name=name, label=label, kind="checkboxes", options=options)


def _in_short(role: RoleView) -> str:
    if role.id is None:
        return ROLES.get(Role(role.name), "")
    return ", ".join(role.permissions[:4]) + (" ..." if len(role.permissions) > 4 else "")
