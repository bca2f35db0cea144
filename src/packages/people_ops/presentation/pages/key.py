"""One API key: replacing and revoking it."""

from dataclasses import dataclass

from fastapi import APIRouter, Response

from core.domain.errors import DomainError, NotFound
from core.domain.ids import UserId
from core.domain.public_ids import shown
from core.presentation.forms import problem
from core.presentation.http import requires
from core.presentation.page_routes import Form
from core.presentation.parts import Field, Link, Moment, Notice, State, Tab
from core.presentation.visit import Here, Visit
from people_ops.api import PeopleOps
from people_ops.application.api_keys import KeyBeyondRights
from people_ops.application.ports import KeyView
from people_ops.domain.api_key import LONGEST_OVERLAP_HOURS, InvalidExpiry, KeyIsOver
from people_ops.presentation.keys_http import OneKey, RotationIn
from people_ops.presentation.pages.keys import DAYS, days_field, made_page, state_of
from people_ops.presentation.pages.session import Bundle
from people_ops.presentation.pages.shared import Misfit, fitting, marked, settings_pages, tabs_of

router: APIRouter = settings_pages("keys:read")
WRITING = [requires("keys:write")]


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyPage:
    tabs: tuple[Tab, ...]
    problem: Notice | None
    name: str
    start: str
    scopes: str
    state: State
    maker: str
    created: Moment
    expires: Moment
    last_used: Moment | None
    fields: tuple[Field, ...]  # of its replacement
    action: str
    may_change: bool


@router.get("/keys/{key}")
def show(key: OneKey, visit: Here, people: Bundle) -> Response:
    return _key_page(visit, people, people.queries.key(visit.actor.tenant_id, key))


@router.post("/keys/{key}/revoke", dependencies=WRITING)
def revoke(key: OneKey, visit: Here, people: Bundle) -> Response:
    people.revoke_key(visit.actor, key)
    return visit.go(visit.url("settings", "keys"), "The key is revoked: its next request is refused.")


@router.post("/keys/{key}/replace", dependencies=WRITING)
def replace_key(key: OneKey, visit: Here, form: Form, people: Bundle) -> Response:
    found = people.queries.key(visit.actor.tenant_id, key)
    hours, days = form.text("overlap_hours"), form.text("days")
    try:
        body = fitting(RotationIn, {"overlap_hours": hours, "days": days})
        made = people.rotate_key(visit.actor, key, overlap_hours=body.overlap_hours, days=body.days)
    except Misfit as misfit:
        fields = marked(_replacement_fields(hours, days), misfit.wrong)
        return _key_page(visit, people, found, fields=fields, status=422)
    except (KeyIsOver, KeyBeyondRights, InvalidExpiry) as error:
        return _key_page(visit, people, found, error)
    return made_page(visit, made, found.name)


def _replacement_fields(hours: str, days: str) -> tuple[Field, ...]:
    return (
        Field(
            name="overlap_hours",
            label="Hours that the old key still works",
            kind="number",
            value=hours,
            lowest="0",
            highest=str(LONGEST_OVERLAP_HOURS),
            required=True,
        ),
        days_field(days),
    )


def _key_page(
    visit: Visit,
    people: PeopleOps,
    key: KeyView,
    error: DomainError | None = None,
    *,
    fields: tuple[Field, ...] = (),
    status: int = 200,
) -> Response:
    state = state_of(visit, key)
    fields = fields or _replacement_fields("24", DAYS)
    page = KeyPage(
        tabs=tabs_of(visit),
        problem=problem(fields, error),
        name=key.name,
        start=key.start,
        scopes=", ".join(key.scopes),
        state=state,
        maker=_maker(visit, people, key.created_by),
        created=visit.moment(key.created_at),
        expires=visit.moment(key.expires_at),
        last_used=visit.moment(key.last_used_at) if key.last_used_at else None,
        fields=fields,
        action=visit.url("settings", "keys", shown("key", key.id)),
        may_change=visit.may("keys:write") and state.value == "active",
    )
    crumbs = (Link("API keys", visit.url("settings", "keys")), Link(key.name, ""))
    return visit.page(
        "people_ops/key.html", page, title=key.name, crumbs=crumbs, status=422 if error else status
    )


def _maker(visit: Visit, people: PeopleOps, user_id: UserId | None) -> str:
    if user_id is None:
        return "the console"
    try:
        return people.queries.member(visit.actor.tenant_id, user_id).email
    except NotFound:
        return "somebody who has left"
