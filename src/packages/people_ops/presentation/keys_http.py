"""API keys over HTTP."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from core.domain.actor import Actor
from core.domain.ids import KeyId
from core.domain.page import InvalidCursor
from core.presentation.http import Name, Route, from_state, requires
from core.presentation.ids import parsed, public_id
from core.presentation.paging import PageOut, Paging, paged
from core.presentation.problems import responses
from people_ops.api import PeopleOps
from people_ops.application.api_keys import KeyBeyondRights, ScopeWithoutRights
from people_ops.domain.api_key import (
    LONGEST_DAYS,
    LONGEST_OVERLAP_HOURS,
    KeyIsOver,
    NoSuchKey,
    no_such_key,
)

router = APIRouter(prefix="/keys", route_class=Route, tags=["keys"])
Bundle = Annotated[PeopleOps, Depends(from_state(PeopleOps))]
Reader = Annotated[Actor, requires("keys:read")]
Writer = Annotated[Actor, requires("keys:write")]
Scope = Literal["ingest", "read", "label", "manage"]


class KeyIn(BaseModel):
    model_config = ConfigDict(extra="forbid")
    name: Annotated[Name, Field(max_length=100, examples=["nightly import"])]
    scopes: list[Scope] = Field(min_length=1, max_length=4, examples=[["ingest", "read"]])
    days: int = Field(default=90, ge=1, le=LONGEST_DAYS, description="Until it expires.")


class RotationIn(BaseModel):
    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"overlap_hours": 24, "days": 90}]}
    )
    overlap_hours: int = Field(
        default=24, ge=0, le=LONGEST_OVERLAP_HOURS, description="The old key's remaining life; 0: none."
    )
    days: int = Field(default=90, ge=1, le=LONGEST_DAYS, description="Until the new one expires.")


class NewKeyOut(BaseModel):
    """The key is shown this once."""

    id: Annotated[UUID, public_id("key")]
    key: str


class KeyOut(BaseModel):
    id: Annotated[UUID, public_id("key")]
    name: str
    start: str = Field(description="Its beginning, to recognise it by.")
    scopes: list[str]
    created_by: Annotated[UUID, public_id("usr")] | None
    created_at: datetime
    expires_at: datetime
    last_used_at: datetime | None
    revoked_at: datetime | None


async def key_id(key: str) -> KeyId:
    """Raises NoSuchKey."""
    found = parsed("key", key)
    if found is None:
        raise no_such_key()
    return KeyId(found)


OneKey = Annotated[KeyId, Depends(key_id)]


@router.get("", summary="List API keys", responses=responses(InvalidCursor))
def keys(
    request: Request, response: Response, people: Bundle, paging: Paging, actor: Reader
) -> PageOut[KeyOut]:
    page = people.queries.keys(actor.tenant_id, limit=paging.limit, cursor=paging.cursor, count=paging.count)
    return paged(request, response, page, KeyOut)


@router.post("", status_code=201, summary="Make an API key", responses=responses(ScopeWithoutRights))
def create(body: KeyIn, people: Bundle, actor: Writer, response: Response) -> NewKeyOut:
    made = people.create_key(actor, name=body.name, scopes=body.scopes, days=body.days)
    response.headers["Cache-Control"] = "no-store"
    return NewKeyOut(id=made.id, key=made.key)


@router.post(
    "/{key}/rotation",
    status_code=201,
    summary="Put another API key in the place of one",
    responses=responses(NoSuchKey, KeyIsOver, KeyBeyondRights),
)
def rotate(
    key: OneKey,
    people: Bundle,
    actor: Writer,
    response: Response,
    body: RotationIn | None = None,
) -> NewKeyOut:
    """The new one has the same name, scopes and rights; the old one stays valid for the overlap."""
    asked = body or RotationIn()
    made = people.rotate_key(actor, key, overlap_hours=asked.overlap_hours, days=asked.days)
    response.headers["Cache-Control"] = "no-store"
    return NewKeyOut(id=made.id, key=made.key)


@router.delete("/{key}", status_code=204, summary="Revoke an API key", responses=responses(NoSuchKey))
def revoke(key: OneKey, people: Bundle, actor: Writer) -> None:
    people.revoke_key(actor, key)
