"""Routes of pages: they know who visits, refuse forms of other sites, and take what forms send."""

from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Annotated, Any

from fastapi import Depends, Request, Response
from fastapi.datastructures import UploadFile as UploadFile
from fastapi.responses import RedirectResponse
from starlette.datastructures import UploadFile as Received

from core.application.kept_answers import Asked
from core.domain.errors import BadRequest, Invalid
from core.presentation import cookies
from core.presentation.bodies import check
from core.presentation.http import Permitted, Route, dependants
from core.presentation.once import KEPT, PATIENCE, form_sent, once
from core.presentation.site import Site
from core.presentation.visit import CHART, Visit

Handler = Callable[[Request], Awaitable[Response]]

SAFE = frozenset({"GET", "HEAD"})
CSRF_FIELD, CSRF_HEADER = "csrf", "X-CSRF-Token"


class LengthNeeded(BadRequest):
    title = "The upload must say how long it is"


async def takes_files() -> None:
    """Marks a route whose form brings files: it may be large, and is on disk before the handler sees it."""


class PageRoute(Route):
    """As ``Route``; who may call is found out from the session's cookie, never from a token."""

    known_everywhere = frozenset({CHART})

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()
        parts = list(dependants(self.dependant))
        for_people = any(isinstance(part.call, Permitted) for part in parts)
        with_files = any(part.call is takes_files for part in parts)

        async def page(request: Request) -> Response:
            site: Site = request.app.state.services[Site]
            request.state.caller = None
            request.state.visit = visit = Visit.of(request, site)
            if for_people:
                request.state.visit = visit = visit.entered()
                request.state.caller = visit.actor
                if request.method in SAFE and visit.leads_on_to:
                    return RedirectResponse(visit.leads_on_to, status_code=303)
            try:
                if request.method not in SAFE:
                    visit.check_not_looking()
                    if with_files:
                        _check_length(request, site.max_upload_bytes)
                    token = await _check_csrf(request, visit)
                    answer = await _obeyed(request, visit, token, handle)
                else:
                    answer = await handle(request)
            finally:
                await request.close()  # the files of its form
            if visit.visitor is None and not visit.cookies.get(cookies.FORM):
                visit.cookies.set(answer, cookies.FORM, visit.secret)
            return answer

        return page


def _check_length(request: Request, limit: int) -> None:
    declared = request.headers.get("content-length", "")
    if not (declared.isdigit() and len(declared) < 20):
        raise LengthNeeded("It has no Content-Length.", fix="Send the file whole, as browsers do.")
    check(int(declared), limit)


async def _check_csrf(request: Request, visit: Visit) -> str:
    token = request.headers.get(CSRF_HEADER, "")
    if not token:
        field = (await request.form()).get(CSRF_FIELD, "")
        token = field if isinstance(field, str) else ""
    visit.check_csrf(token)
    return token


async def _obeyed(request: Request, visit: Visit, token: str, handle: Handler) -> Response:
    """Once, where a browser sends it by itself; scripts send what they mean."""
    if visit.visitor is None or visit.place is None or visit.is_fragment:
        return await handle(request)
    asked = Asked(
        tenant_id=visit.place.tenant_id,
        caller_id=visit.visitor.user_id,
        key=await form_sent(request, token),
        endpoint=sha256(f"POST {request.url.path}".encode()).hexdigest(),
        patience=PATIENCE,
        kept=KEPT,
    )
    return await once(asked, visit.site.answers, lambda: handle(request))


class UnreadableField(Invalid):
    title = "A field holds what no text may hold"


@dataclass(frozen=True, slots=True)
class Posted:
    """What a form sent. Fields that are missing are empty."""

    values: Mapping[str, Sequence[str]]
    files: Mapping[str, Received]

    def text(self, name: str) -> str:
        """Without blanks around it."""
        return next(iter(self.values.get(name, ())), "").strip()

    def secret(self, name: str) -> str:
        """As it was typed."""
        return next(iter(self.values.get(name, ())), "")

    def all(self, name: str) -> list[str]:
        return [value for value in self.values.get(name, ()) if value]

    def has(self, name: str) -> bool:
        return bool(self.text(name))

    @property
    def version(self) -> int | None:
        """Of what the form shows; None where it does not say."""
        text = self.text("version")
        return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None

    def number(self, name: str) -> float | None:
        """None where it is empty. Raises ValueError."""
        text = self.text(name).replace(",", ".")
        return float(text) if text else None


async def posted(request: Request) -> Posted:
    """Raises UnreadableField."""
    values: dict[str, list[str]] = {}
    files: dict[str, Received] = {}
    for name, value in (await request.form()).multi_items():
        if isinstance(value, Received):
            if value.filename:
                files[name] = value
        elif "\x00" in value:
            raise UnreadableField(f"{name[:40]!r} holds a NUL character.", fix="Take it out.")
        else:
            values.setdefault(name, []).append(value)
    return Posted(values, files)


Form = Annotated[Posted, Depends(posted)]
