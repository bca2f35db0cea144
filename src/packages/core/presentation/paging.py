"""How a page is asked for and answered over HTTP."""

from dataclasses import dataclass
from typing import Annotated, Any, Generic, TypeVar

from fastapi import Depends, Query, Request, Response
from pydantic import BaseModel

from core.domain.page import Page

Out = TypeVar("Out", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class Asked:
    limit: int
    cursor: str | None


async def asked(
    limit: Annotated[int, Query(ge=1, le=500, description="Most items to answer with.")] = 50,
    cursor: Annotated[str | None, Query(max_length=1000, description="Where the page before ended.")] = None,
) -> Asked:
    return Asked(limit, cursor)


Paging = Annotated[Asked, Depends(asked)]


class PageOut(BaseModel, Generic[Out]):
    items: list[Out]
    next_cursor: str | None = None
    has_more: bool = False
    total: int | None = None


def paged(request: Request, response: Response, page: Page[Any], kind: type[Out]) -> PageOut[Out]:
    """The page's views as ``kind``, which reads attributes; sets ``Link`` where there is a next page."""
    if page.next_cursor:
        url = request.url.include_query_params(cursor=page.next_cursor)
        response.headers["Link"] = f'<{url.path}?{url.query}>; rel="next"'
    items = [kind.model_validate(item, from_attributes=True) for item in page.items]
    return PageOut[kind](  # type: ignore[valid-type]  # its model is made here, by the argument
        items=items, next_cursor=page.next_cursor, has_more=page.next_cursor is not None, total=page.total
    )
