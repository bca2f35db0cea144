"""What the registry's routes share."""

from collections.abc import Callable
from typing import Annotated, TypeVar
from uuid import UUID

from fastapi import Depends, Path, Request, Response
from pydantic import BaseModel, Field

from core.domain.errors import NotFound
from core.domain.page import Page
from core.domain.public_ids import parsed
from core.presentation.http import Seen, from_state
from core.presentation.paging import PageOut, paged
from machine_learning.api import ModelRegistry
from machine_learning.domain.registry.model import LONGEST_NOTE

BASE = "/api/v1"
Registry = Annotated[ModelRegistry, Depends(from_state(ModelRegistry))]
ModelPath = Annotated[str, Path(description="Id or slug of the model.", examples=["pumps"], max_length=100)]
NumberPath = Annotated[int, Path(description="Number of the version.", ge=1, le=10**9, examples=[3])]
Note = Annotated[
    str,
    Field(
        max_length=LONGEST_NOTE,
        pattern=r"^[^\x00-\x1f\x7f]*$",
        description="Why, in words; it stands in the history.",
    ),
    Seen,
]

V = TypeVar("V")
Out = TypeVar("Out", bound=BaseModel)


def path_id(prefix: str, text: str, missing: type[NotFound]) -> UUID:
    """The id in a path; a malformed one is of nothing there is. Raises ``missing``."""
    found = parsed(prefix, text)
    if found is None:
        raise missing("Nothing has that id.")
    return found


def page_of(
    request: Request, response: Response, page: Page[V], *, shown: Callable[[V], Out], kind: type[Out]
) -> PageOut[Out]:
    return paged(request, response, page.of([shown(item) for item in page.items]), kind)


def accepted(response: Response, location: str) -> None:
    """202: the work goes on, and is looked at there."""
    response.headers["Location"] = location
    response.headers["Retry-After"] = "1"
