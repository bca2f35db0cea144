"""How a page is asked for and answered over HTTP."""

from dataclasses import dataclass
from typing import Annotated, Any, Generic, Literal, TypeVar

from fastapi import Depends, Query, Request, Response
from pydantic import BaseModel, Field

from core.domain.page import Counting, Page, Total

Out = TypeVar("Out", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class Asked:
    limit: int
    cursor: str | None
    count: Counting | None


async def asked(
    limit: Annotated[int, Query(ge=1, le=500, description="Most items to answer with.")] = 50,
    cursor: Annotated[str | None, Query(max_length=1000, description="Where the page before ended.")] = None,
    count: Annotated[
        Counting | None,
        Query(
            description="Answer with `total`, the rows on all pages: `exact`, or cheaper an `estimate`, which counts to "
            "10,000 and says `at_least` where there are more."
        ),
    ] = None,
) -> Asked:
    return Asked(limit, cursor, count)


Paging = Annotated[Asked, Depends(asked)]


class PageOut(BaseModel, Generic[Out]):
    items: list[Out]
    next_cursor: str | None = None
    has_more: bool = False
    total: int | None = Field(default=None, description="Rows on all pages; only with `count`.")
    total_is: Literal["exact", "at_least"] | None = None


def paged(request: Request, response: Response, page: Page[Any], kind: type[Out]) -> PageOut[Out]:
    """The page's views as ``kind``, which reads attributes; sets ``Link`` where there is a next page."""
    if page.next_cursor:
        url = request.url.include_query_params(cursor=page.next_cursor)
        response.headers["Link"] = f'<{url.path}?{url.query}>; rel="next"'
    items = [kind.model_validate(item, from_attributes=True) for item in page.items]
    return PageOut[kind](  # type: ignore[valid-type]  # its model is made here, by the argument
        items=items,
        next_cursor=page.next_cursor,
        has_more=page.next_cursor is not None,
        **said_of(None if page.total is None else Total(page.total, page.total_is_exact)),
    )


def said_of(total: Total | None) -> dict[str, Any]:
    """The fields of a page's body that hold it."""
    if total is None:
        return {}
    return {"total": total.rows, "total_is": "exact" if total.is_exact else "at_least"}
