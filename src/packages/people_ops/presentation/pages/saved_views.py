"""Keeping a list as one sees it under a name, and forgetting it."""

from fastapi import APIRouter, Response

from core.domain.public_ids import parsed
from core.presentation.http import requires
from core.presentation.page_routes import Form, PageRoute
from core.presentation.visit import Here, Visit
from people_ops.domain.saved_view import SavedViewId, no_such_view
from people_ops.presentation.pages.session import Bundle

router = APIRouter(
    prefix="/t/{tenant}/views", route_class=PageRoute, dependencies=[requires(None)], include_in_schema=False
)


@router.post("")
def save(visit: Here, form: Form, people: Bundle) -> Response:
    page, query = form.text("page"), form.text("query")
    people.save_view(visit.actor, page=page, name=form.text("name"), query=query)
    return visit.go(_href(visit, page, query), "The view is saved: you find it under Views.")


@router.post("/{view}/delete")
def forget(view: str, visit: Here, people: Bundle) -> Response:
    wanted = parsed("viw", view)
    if wanted is None:
        raise no_such_view()
    gone = people.forget_view(visit.actor, SavedViewId(wanted))
    return visit.go(_href(visit, gone.page, gone.query), "The view is gone.")


def _href(visit: Visit, page: str, query: str) -> str:
    path = (
        page if page.startswith("/admin/") else f"{visit.url()}{page}"
    )  # operators' pages are below no tenant
    return f"{path}?{query}" if query else path
