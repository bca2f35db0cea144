"""What the context's routes share."""

from typing import Annotated

from fastapi import Depends, Path, Query, Response

from core.domain.actor import Actor
from core.presentation.http import from_state, requires
from data_platform.api import Datasets

BASE = "/api/v1"
Service = Annotated[Datasets, Depends(from_state(Datasets))]
Reader = Annotated[Actor, requires("datasets:read")]
Writer = Annotated[Actor, requires("datasets:write")]
DatasetPath = Annotated[
    str, Path(description="Id or slug of the dataset.", examples=["orders"], max_length=100)
]
NumberPath = Annotated[int, Path(description="Number of the version.", ge=1, le=10**9, examples=[3])]
Number = Annotated[
    int | None,
    Query(alias="version", ge=1, le=10**9, description="Number of a version; the newest where left out."),
]


Where = Annotated[
    list[str] | None,
    Query(
        max_length=20,
        description="`column:operator:value`, operator eq, gte, lte or contains; `column:missing:`, "
        "`column:not_number:` (text among numbers).",
        examples=[["amount:gte:100"]],
    ),
]


def location(response: Response, path: str) -> None:
    response.headers["Location"] = f"{BASE}{path}"


def accepted(response: Response, path: str) -> None:
    """202: the work goes on, and is looked at there."""
    response.status_code = 202
    location(response, path)
    response.headers["Retry-After"] = "1"
