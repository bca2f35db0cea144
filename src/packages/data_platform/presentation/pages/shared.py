"""What the pages of datasets share: who may see them, where they lie, how figures are written."""

import json
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query
from pydantic import AfterValidator

from core.api import Jobs
from core.domain.names import can_be_shown, single_blanks
from core.presentation.http import from_state, requires
from core.presentation.json_text import plain
from core.presentation.page_routes import PageRoute, Posted
from core.presentation.parts import Link, Tab
from core.presentation.visit import Visit
from data_platform.api import Datasets
from data_platform.application.datasets.ports import DatasetView
from data_platform.domain.datasets.dataset import InvalidDatasetName

Service = Annotated[Datasets, Depends(from_state(Datasets))]
JobService = Annotated[Jobs, Depends(from_state(Jobs))]
DatasetPath = Annotated[str, Path(max_length=100)]
Version = Annotated[int | None, Query(ge=1, le=10**9)]
# PostgreSQL refuses text with NUL where SQLite finds nothing.
Words = Annotated[str, Query(max_length=500), AfterValidator(lambda text: text.replace("\x00", "\ufffd"))]
Where = Annotated[list[str] | None, Query(max_length=20)]
WRITING = [requires("datasets:write")]
LONGEST_NAME = 120
LONGEST_VALUE = 80  # characters of a cell
LONGEST_COLUMN, COLUMN_END = (
    60,
    20,
)  # characters of a column's name in a table, and those that are kept of its end


def dataset_pages(permission: str = "datasets:read") -> APIRouter:
    return APIRouter(
        prefix="/t/{tenant}",
        route_class=PageRoute,
        include_in_schema=False,
        dependencies=[requires(permission)],
    )


def crumbs(visit: Visit, dataset: DatasetView | None = None, *steps: str) -> tuple[Link, ...]:
    """``Datasets / Orders / steps``; the last one is the page itself."""
    links = [Link("Datasets", visit.url("datasets"))]
    if dataset is not None:
        links.append(Link(dataset.name, visit.url("datasets", dataset.slug)))
    links += [Link(step, "") for step in steps]
    return (*links[:-1], Link(links[-1].value, ""))


def tabs(visit: Visit, dataset: DatasetView, current: str) -> tuple[Tab, ...]:
    places = {"Profile": (), "Rows": ("rows",), "Versions": ("versions",)}
    return tuple(
        Tab(text, visit.url("datasets", dataset.slug, *steps), text == current)
        for text, steps in places.items()
    )


def name_in(form: Posted, *, otherwise: str = "") -> str:
    """Raises InvalidDatasetName."""
    name = single_blanks(form.text("name") or otherwise)
    if not name or len(name) > LONGEST_NAME or not can_be_shown(name):
        raise InvalidDatasetName(
            f"A name has 1 to {LONGEST_NAME} characters on one line, and each can be seen.",
            fix="Type another.",
            pointer="#/name",
        )
    return name


def version_in(form: Posted) -> int | None:
    """The dataset's state that the form was made for."""
    text = form.text("version")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None


def value_text(value: Any) -> str:
    """A cell of a table of rows."""
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case float():
            return f"{value:.10g}"
        case datetime():
            return value.isoformat(sep="\N{NO-BREAK SPACE}").replace("+00:00", "Z")
        case str():
            text = value
        case dict() | list():
            text = json.dumps(plain(value), ensure_ascii=False)
        case _:
            text = str(value)
    return text if len(text) <= LONGEST_VALUE else f"{text[: LONGEST_VALUE - 1]}…"


def short(name: str) -> str:
    """A column's name for a table: long ones often differ at their end only."""
    if len(name) <= LONGEST_COLUMN:
        return name
    return f"{name[: LONGEST_COLUMN - COLUMN_END - 1]}…{name[-COLUMN_END:]}"


def figure(value: Any) -> str:
    """A number of a profile, with four significant digits or whole; anything else as it is."""
    if not isinstance(value, int | float) or isinstance(value, bool):
        return value_text(value)
    size = abs(value)
    return f"{value:,.4g}" if size < 1e4 else f"{value:,.0f}" if size < 1e15 else f"{value:.3e}"
