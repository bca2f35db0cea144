"""Problems of pages as pages: what the API would say in JSON, for who asked with a browser."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import quote, urlsplit

from fastapi import Request, Response
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from core.presentation.forms import fix_for_people
from core.presentation.problems import MEDIA_TYPE
from core.presentation.site import Site
from core.presentation.visit import Visit, local

NOT_DONE = "You are not signed in any more, so what you sent was not done. Sign in, then send it again."
JSON_PATHS = ("/api/", "/static/", "/openapi.json", "/metrics", "/health", "/livez", "/readyz")


@dataclass(frozen=True, slots=True, kw_only=True)
class ProblemPage:
    status: int
    title: str
    detail: str
    fix: str
    request_id: str
    roles: tuple[str, ...]  # that may do it
    admins: tuple[str, ...]  # who can give them
    is_form: bool  # that was sent; else a page that was asked for
    retry_href: str  # of the page, or of the form's


class PageProblems:
    """ASGI middleware: turns problem details into a page, or into a box where htmx asked; sends who is not signed in to
    the log-in."""

    def __init__(self, app: ASGIApp, *, site: Site) -> None:
        self.app, self.site = app, site

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not _is_browser(scope):
            await self.app(scope, receive, send)
            return
        started: Message | None = None
        body = b""

        async def keep_problems(message: Message) -> None:
            nonlocal started, body
            if message["type"] == "http.response.start":
                if Headers(raw=message["headers"]).get("content-type", "").startswith(MEDIA_TYPE):
                    started = message
                    return
            elif started is not None and message["type"] == "http.response.body":
                body += message.get("body", b"")
                if not message.get("more_body", False):
                    await self._answer(scope, started, body)(scope, receive, send)
                return
            await send(message)

        await self.app(scope, receive, keep_problems)

    def _answer(self, scope: Scope, started: Message, body: bytes) -> Response:
        problem, request = json.loads(body), Request(scope)
        visit: Visit = getattr(request.state, "visit", None) or _lost(request, self.site)
        if started["status"] == 401:
            answer = _to_login(visit)
        else:
            answer = visit.page(
                "shell/problem.html",
                self._page(visit, problem),
                title=problem["title"],
                status=started["status"],
            )
        for name, value in Headers(raw=started["headers"]).items():
            if name in ("retry-after", "allow") or name.startswith(("ratelimit", "x-ratelimit")):
                answer.headers[name] = value
        return answer

    def _page(self, visit: Visit, problem: dict[str, Any]) -> ProblemPage:
        permission = problem.get("permission") if problem["status"] == 403 else None
        admins = self.site.admins_of(visit.place.tenant_id) if permission and visit.place else ()
        errors = list(_errors_in_words(problem.get("errors", ())))
        return ProblemPage(
            status=problem["status"],
            title=problem["title"],
            detail=" ".join(errors if problem["code"] == "invalid_request" else [problem["detail"], *errors]),
            fix=fix_for_people(problem.get("fix", "")),
            request_id=problem.get("request_id", ""),
            roles=tuple(self.site.roles_with(permission)) if permission else (),
            admins=tuple(admins),
            is_form=visit.request.method != "GET",
            retry_href=visit.here() if visit.request.method == "GET" else _sent_from(visit),
        )


def _errors_in_words(errors: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """Once for each value of the address: each type that it may have was an error of its own."""
    of_address: dict[str, list[Mapping[str, Any]]] = {}
    for each in errors:
        if name := str(each.get("parameter", "")).partition(".")[0]:
            of_address.setdefault(name, []).append(each)
        else:
            yield str(each.get("detail", ""))
    for name, found in of_address.items():
        yield f"{name!r} in the address {_asked_for(found)}."


def _asked_for(found: Sequence[Mapping[str, Any]]) -> str:
    """What is asked for in place of a value that was refused."""
    choices = [str(each["detail"]) for each in found if each["code"] in ("literal_error", "enum")]
    if values := [value for text in choices for value in re.findall(r"'([^']*)'", text) if value]:
        return f"is one of {', '.join(values)}" if values[1:] else f"is {values[0]}"
    if any(each["code"].startswith("date_") for each in found):
        return "is a day such as 2026-01-31"
    if any(each["code"].startswith("int_") for each in found):
        return "is a whole number"
    if any(each["code"] == "string_pattern_mismatch" for each in found):
        return "has a form that is not understood"
    rest = next(str(each["detail"]) for each in found if each["code"] != "literal_error")
    return rest.removeprefix("Input ").removeprefix("Value ")


def _sent_from(visit: Visit) -> str:
    """The page of ours whose form it was."""
    parts = urlsplit(visit.request.headers.get("referer", ""))
    is_ours = parts.netloc == visit.request.headers.get("host")
    return local(f"{parts.path}?{parts.query}" if parts.query else parts.path) if is_ours else ""


def _lost(request: Request, site: Site) -> Visit:
    """Somewhere no page is: below a tenant of the visitor's its navigation helps on."""
    visit, steps = Visit.of(request, site), request.url.path.split("/")
    is_below = visit.visitor is not None and len(steps) > 2 and steps[1] == "t"
    place = visit.visitor.place(steps[2]) if visit.visitor and is_below else None
    return replace(visit, place=place)


def _to_login(visit: Visit) -> Response:
    """Back to the page afterwards; a form has to be filled in again."""
    request, is_read = visit.request, visit.request.method in ("GET", "HEAD")
    query = f"?{request.url.query}" if request.url.query else ""
    after = request.url.path + query if is_read and not visit.is_fragment else _sent_from(visit)
    href = f"/login?next={quote(after, safe='')}" if after else "/login"
    return visit.go(href, "" if is_read else NOT_DONE)


def _is_browser(scope: Scope) -> bool:
    headers = Headers(scope=scope)
    wants_page = "text/html" in headers.get("accept", "") or headers.get("hx-request") == "true"
    return wants_page and not scope["path"].startswith(JSON_PATHS)
