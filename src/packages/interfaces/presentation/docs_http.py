"""`/docs`: the guides and the reference of the API; `/openapi.json`; `/problems`. Open to everyone."""

import re
from functools import cached_property
from typing import Annotated

from fastapi import APIRouter, Depends, Response
from fastapi.responses import HTMLResponse, JSONResponse
from jinja2 import FileSystemLoader
from markupsafe import Markup, escape

from core.domain.errors import NotFound
from core.presentation.html import Templates
from core.presentation.http import PUBLIC, Route, from_state
from interfaces.presentation.assets import FOLDER, asset
from interfaces.presentation.docs_guides import guide, guides
from interfaces.presentation.docs_pages import (
    ContentsPage,
    GuidePage,
    Link,
    ProblemPage,
    ProblemsPage,
    ReferencePage,
    Section,
    Shell,
)
from interfaces.presentation.docs_reference import sections
from interfaces.presentation.openapi import ApiDocument
from interfaces.presentation.problem_types import problem_types

CACHE = "public, max-age=300"
FIRST = "tenants"  # the guide to begin with

router = APIRouter(route_class=Route, dependencies=[PUBLIC], include_in_schema=False)


class PageNotFound(NotFound):
    title = "There is no such page"


class Documentation:
    """Made from the API's document at the first look."""

    def __init__(self, api: ApiDocument) -> None:
        self.api = api
        loader = FileSystemLoader(FOLDER.with_name("templates"))
        self._templates = Templates.of(loader, {"asset": asset})
        self._templates.environment.filters["coded"] = coded

    @cached_property
    def sections(self) -> tuple[Section, ...]:
        return sections(self.api.document)

    @cached_property
    def json(self) -> bytes:
        return JSONResponse(self.api.document).body  # type: ignore[return-value]  # a view only where bytes were given

    def contents(self) -> HTMLResponse:
        links = tuple(Link(f"/docs/guides/{name}", title) for name, title in self._guides())
        page = ContentsPage(self._shell("Documentation", "/docs"), self.api.server, links, self.sections)
        return self._templates.page("docs/contents.html", page, cache=CACHE)

    def reference(self, tag: str) -> HTMLResponse:
        for section in self.sections:
            if section.tag == tag:
                page = ReferencePage(self._shell(f"API: {tag}", section.href), section)
                return self._templates.page("docs/reference.html", page, cache=CACHE)
        raise _no_page(tag)

    def guide(self, name: str) -> HTMLResponse:
        content = guide(name)
        if content is None:
            raise _no_page(name)
        page = GuidePage(self._shell(guides()[name], f"/docs/guides/{name}"), content)
        return self._templates.page("docs/guide.html", page, cache=CACHE)

    def problems(self) -> HTMLResponse:
        page = ProblemsPage(self._shell("Problems", "/problems"), tuple(problem_types().values()))
        return self._templates.page("docs/problems.html", page, cache=CACHE)

    def problem(self, slug: str) -> HTMLResponse:
        found = problem_types().get(slug.replace("-", "_"))
        if found is None:
            raise _no_page(slug)
        page = ProblemPage(self._shell(found.title, "/problems"), found)
        return self._templates.page("docs/problem.html", page, cache=CACHE)

    def _guides(self) -> list[tuple[str, str]]:
        return sorted(guides().items(), key=lambda each: (each[0] != FIRST, each[1]))

    def _shell(self, title: str, at: str) -> Shell:
        links = [("/docs", "Contents"), ("/problems", "Problems")]
        links += [(f"/docs/guides/{name}", words) for name, words in self._guides()]
        links += [(section.href, section.tag) for section in self.sections]
        navigation = tuple(Link(href, text, href == at) for href, text in links)
        return Shell(title, self.api.document["info"]["version"], navigation)


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
def contents(docs: Docs) -> HTMLResponse:
    return docs.contents()


@router.get("/docs/reference/{tag}")
def reference(tag: str, docs: Docs) -> HTMLResponse:
    return docs.reference(tag)


@router.get("/docs/guides/{name}")
def read_guide(name: str, docs: Docs) -> HTMLResponse:
    return docs.guide(name)


@router.get("/problems")
def problems(docs: Docs) -> HTMLResponse:
    return docs.problems()


@router.get("/problems/{slug}")
def problem(slug: str, docs: Docs) -> HTMLResponse:
    return docs.problem(slug)
