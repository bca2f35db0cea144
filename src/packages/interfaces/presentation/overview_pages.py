"""What needs somebody now: the first page of a tenant."""

from dataclasses import dataclass

from fastapi import APIRouter, Response

from core.presentation.http import requires
from core.presentation.page_routes import PageRoute
from core.presentation.visit import Here

router = APIRouter(
    prefix="/t/{tenant}",
    route_class=PageRoute,
    dependencies=[requires("tenant:read")],
    include_in_schema=False,
)


@dataclass(frozen=True, slots=True)
class OverviewPage:
    greeting: str


@router.get("/")
def overview(visit: Here) -> Response:
    return visit.page("overview/overview.html", OverviewPage("Hello"), title="Overview")
