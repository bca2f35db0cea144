"""What the pages of labels share."""

from typing import Annotated

from fastapi import APIRouter, Depends

from anomaly_detection.api import Definitions, Labels, Runs
from core.presentation.http import from_state, requires
from core.presentation.page_routes import PageRoute
from core.presentation.parts import Tab
from core.presentation.visit import Visit

RunService = Annotated[Runs, Depends(from_state(Runs))]
LabelService = Annotated[Labels, Depends(from_state(Labels))]
Detectors = Annotated[Definitions, Depends(from_state(Definitions))]


def label_router() -> APIRouter:
    return APIRouter(
        prefix="/t/{tenant}",
        route_class=PageRoute,
        include_in_schema=False,
        dependencies=[requires("runs:read"), requires("labels:read")],
    )


def label_tabs(visit: Visit, current: str) -> tuple[Tab, ...]:
    entries = (("Queue", ()), ("History", ("history",)), ("Precision", ("precision",)))
    return tuple(Tab(text, visit.url("labels", *steps), text == current) for text, steps in entries)
