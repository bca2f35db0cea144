"""The audit log of the caller's tenant."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.responses import StreamingResponse

from core.domain.actor import Actor
from core.domain.errors import BadRequest, Forbidden
from core.domain.ids import UserId
from core.domain.page import InvalidCursor
from core.domain.public_ids import parsed
from core.presentation.http import Route, from_state, requires
from core.presentation.paging import PageOut, Paging, paged
from core.presentation.problems import responses
from enterprise.api import Enterprise
from enterprise.application.ports import AuditFilter
from enterprise.presentation.http.views import AuditOut, VerificationOut

router = APIRouter(route_class=Route, tags=["audit"])
Bundle = Annotated[Enterprise, Depends(from_state(Enterprise))]
Reader = Annotated[Actor, requires("audit:read")]


class InvalidFilter(BadRequest):
    title = "That filter cannot be read"


async def wanted(
    action: Annotated[str | None, Query(max_length=80, pattern=r"^[a-z0-9_.]+$")] = None,
    user: Annotated[str | None, Query(max_length=40, description="Id of who did it.")] = None,
    object: Annotated[str | None, Query(max_length=80, description="Id of what it was done to.")] = None,  # noqa: A002 - the parameter's public name
    since: Annotated[datetime | None, Query(alias="from", description="This instant included.")] = None,
    until: Annotated[datetime | None, Query(alias="to", description="This instant not included.")] = None,
) -> AuditFilter:
    """Raises InvalidFilter."""
    user_id = None if user is None else parsed("usr", user)
    if user is not None and user_id is None:
        raise InvalidFilter("user is no id such as usr_01J8Z...", parameter="user")
    return AuditFilter(
        action,
        None if user_id is None else UserId(user_id),
        None if object is None else object_id_of(object),
        _instant(since),
        _instant(until),
    )


Wanted = Annotated[AuditFilter, Depends(wanted)]


@router.get(
    "/audit", summary="List audit entries", responses=responses(Forbidden, InvalidCursor, InvalidFilter)
)
def list_entries(
    enterprise: Bundle, actor: Reader, wanted: Wanted, asked: Paging, request: Request, response: Response
) -> PageOut[AuditOut]:
    """The newest first."""
    page = enterprise.audit.page(
        actor.tenant_id, wanted, limit=asked.limit, cursor=asked.cursor, count=asked.count
    )
    shown = page.of([AuditOut.of(view) for view in page.items])
    return paged(request, response, shown, AuditOut)


@router.get("/audit/verification", summary="Verify the chain of entries", responses=responses(Forbidden))
def verify(enterprise: Bundle, actor: Reader) -> VerificationOut:
    """Finds entries that were altered, removed or moved."""
    found = enterprise.audit.verification(actor.tenant_id)
    return VerificationOut(
        whole=found.is_whole,
        checked=found.checked,
        number=found.head.number,
        hash=found.head.hash,
        broken_at=found.broken_at,
        reason=found.reason,
    )


@router.get(
    "/audit.ndjson",
    summary="Export audit entries",
    response_class=StreamingResponse,
    responses=responses(Forbidden, InvalidFilter)
    | {200: {"content": {"application/x-ndjson": {}}, "description": "One entry per line."}},
)
def export_entries(enterprise: Bundle, actor: Reader, wanted: Wanted) -> StreamingResponse:
    """One entry per line, the oldest first."""

    def lines() -> Iterator[str]:
        for view in enterprise.audit.all(actor.tenant_id, wanted):
            yield AuditOut.of(view).model_dump_json() + "\n"

    return StreamingResponse(lines(), media_type="application/x-ndjson")


def object_id_of(text: str) -> UUID:
    """Raises InvalidFilter."""
    found = parsed(text.partition("_")[0], text) if "_" in text else None
    if found is not None:
        return found
    try:
        return UUID(text)
    except ValueError as error:
        fix = "Take one from an entry: a prefix such as usr_ and 26 characters."
        raise InvalidFilter(f"{text[:60]!r} is no id.", fix=fix, parameter="object") from error


def _instant(at: datetime | None) -> datetime | None:
    """In UTC, where no zone is given."""
    return at.replace(tzinfo=UTC) if at is not None and at.tzinfo is None else at
