"""`/docs`: the guides and the reference of the API; `/openapi.json`; `/problems`. Open to everyone."""

import re
from functools import cached_property
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Response
from fastapi.responses import FileResponse, JSONResponse
from markupsafe import Markup, escape

from core.domain.errors import NotFound
from core.presentation.http import PUBLIC, from_state
from core.presentation.page_routes import PageRoute
from core.presentation.parts import Tab
from core.presentation.visit import Here, Visit
from interfaces.presentation.docs_guides import guide, guides, picture
from interfaces.presentation.docs_pages import (
    ContentsPage,
    GuidePage,
    Link,
    ProblemPage,
    ProblemsPage,
    ReferencePage,
    Section,
)
from interfaces.presentation.docs_reader import Reader, ReaderHere
from interfaces.presentation.docs_reference import sections
from interfaces.presentation.openapi import ApiDocument
from interfaces.presentation.problem_types import problem_types

CACHE = "public, max-age=300"
FIRST = "tenants"  # the guide to begin with

router = APIRouter(route_class=PageRoute, dependencies=[PUBLIC], include_in_schema=False)


class PageNotFound(NotFound):
    title = "There is no such page"


class Documentation:
    """Made from the API's document at the first look."""

    def __init__(self, api: ApiDocument) -> None:
        self.api = api

    @cached_property
    def sections(self) -> tuple[Section, ...]:
        return sections(self.api.document)

    @cached_property
    def json(self) -> bytes:
        return JSONResponse(self.api.document).body  # type: ignore[return-value]  # a view only where bytes were given

    def contents(self, visit: Visit, reader: Reader) -> Response:
        links = tuple(Link(f"/docs/guides/{name}", title) for name, title in self._guides())
        page = ContentsPage(reader.server or self.api.server, links, self.sections)
        return self._page(visit, "docs/contents.html", page, "Documentation")

    def reference(self, visit: Visit, tag: str, reader: Reader) -> Response:
        for section in self.sections:
            if section.tag == tag:
                section = reader.section(section, self.api.server)
                return self._page(visit, "docs/reference.html", ReferencePage(section), f"API: {tag}")
        raise _no_page(tag)

    def guide(self, visit: Visit, name: str, reader: Reader) -> Response:
        content = guide(name)
        if content is None:
            raise _no_page(name)
        return self._page(visit, "docs/guide.html", GuidePage(reader.guide(content)), guides()[name])

    def problems(self, visit: Visit) -> Response:
        page = ProblemsPage(tuple(problem_types().values()))
        return self._page(visit, "docs/problems.html", page, "Problems")

    def problem(self, visit: Visit, slug: str) -> Response:
        found = problem_types().get(slug.replace("-", "_"))
        if found is None:
            raise _no_page(slug)
        return self._page(visit, "docs/problem.html", ProblemPage(found), found.title)

    def _guides(self) -> list[tuple[str, str]]:
        return sorted(guides().items(), key=lambda each: (each[0] != FIRST, each[1]))

    def _page(self, visit: Visit, template: str, page: Any, title: str) -> Response:
        links = [("/docs", "Contents"), ("/problems", "Problems")]
        links += [(f"/docs/guides/{name}", words) for name, words in self._guides()]
        links += [(section.href, section.tag) for section in self.sections]
        at = visit.request.url.path
        navigation = [Tab(text, href, href == at) for href, text in links]
        return visit.page(template, page, title=title, navigation=navigation)


def coded(text: str) -> Markup:
    """Escaped, with what stands between backticks as code."""
    return Markup(re.sub("`([^`]+)`", r"<code>\1</code>", str(escape(text))))  # noqa: S704  # nosec B704 - escaped before


def _no_page(name: str) -> PageNotFound:
    return PageNotFound(f"{name[:60]!r} is none.", fix="Start from /docs.")


Docs = Annotated[Documentation, Depends(from_state(Documentation))]


@router.get("/openapi.json")
def openapi(docs: Docs) -> Response:
    return Response(docs.json, media_type="application/json", headers={"Cache-Control": CACHE})


@router.get("/docs")
def contents(docs: Docs, visit: Here, reader: ReaderHere) -> Response:
    return docs.contents(visit, reader)


@router.get("/docs/reference/{tag}")
def reference(tag: str, docs: Docs, visit: Here, reader: ReaderHere) -> Response:
    return docs.reference(visit, tag, reader)


@router.get("/docs/guides/{name}")
def read_guide(name: str, docs: Docs, visit: Here, reader: ReaderHere) -> Response:
    return docs.guide(visit, name, reader)


@router.get("/docs/images/{name}")
def show_picture(name: str) -> Response:
    found = picture(name)
    if found is None:
        raise _no_page(name)
    return FileResponse(found, media_type="image/png", headers={"Cache-Control": CACHE})


@router.get("/problems")
def problems(docs: Docs, visit: Here) -> Response:
    return docs.problems(visit)


@router.get("/problems/{slug}")
def problem(slug: str, docs: Docs, visit: Here) -> Response:
    return docs.problem(visit, slug)
