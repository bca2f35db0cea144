"""Bodies of requests that are scored at once."""

from collections.abc import Callable, Collection, Coroutine, Mapping
from dataclasses import dataclass
from typing import Any

from fastapi import Request, Response
from fastapi.routing import APIRoute

from anomaly_detection.presentation.http.arrow_rows import ARROW
from core.domain.errors import TooLarge, UnsupportedForm
from core.domain.suggestion import did_you_mean
from core.presentation.http import Permitted, Route, UnknownParameter, dependants

JSON = "application/json"
MOST_BYTES = 16 * 2**20


class BodyTooLarge(TooLarge):
    title = "The body is too large to score while you wait"


class NotRows(UnsupportedForm):
    title = "Rows come as JSON or as an Arrow stream"


class ScoresRoute(Route):
    """Its routes look at query parameters themselves, which are few and seldom there. One without parameters in its path
    takes a request and an actor, and is called with these: solving its dependencies would take as long as scoring."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        if self.param_convertors:
            return APIRoute.get_route_handler(self)
        endpoint = self.endpoint
        [permitted] = [part.call for part in dependants(self.dependant) if isinstance(part.call, Permitted)]

        async def called(request: Request) -> Response:
            answer: Response = await endpoint(request=request, actor=await permitted(request))
            return answer

        return called


@dataclass(frozen=True, slots=True)
class SentRows:
    """``options`` go with an Arrow stream; a JSON body has its own."""

    text: bytes
    options: Mapping[str, str]
    is_arrow: bool
    wants_arrow: bool


async def sent_rows(request: Request, options: Collection[str]) -> SentRows:
    """Called by the route itself, once its caller is known. Raises NotRows, BodyTooLarge, UnknownParameter."""
    headers = request.headers
    media_type = headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type not in (JSON, ARROW) or headers.get("content-encoding", "identity") != "identity":
        what = media_type[:80] if media_type not in (JSON, ARROW) else "a compressed body"
        raise NotRows(f"It came as {what or 'a body without a type'}.", fix=f"Send {JSON} or {ARROW}.")
    is_arrow = media_type == ARROW
    for name in request.query_params:
        if not is_arrow or name not in options:
            fix = did_you_mean(name, options) if is_arrow else "Give it in the body."
            raise UnknownParameter(f"{name!r} is no parameter of this request.", fix=fix, parameter=name)
    accept = headers.get("accept", "*/*").lower()
    wants_arrow = ARROW in accept or (is_arrow and JSON not in accept)
    declared = headers.get("content-length", "")
    if declared.isdigit() and (len(declared) > 15 or int(declared) > MOST_BYTES):
        raise _too_large()
    chunks, size = [], 0
    async for chunk in request.stream():
        size += len(chunk)
        if size > MOST_BYTES:
            raise _too_large()
        chunks.append(chunk)
    return SentRows(b"".join(chunks), request.query_params, is_arrow, wants_arrow)


def _too_large() -> BodyTooLarge:
    return BodyTooLarge(
        f"It is larger than {MOST_BYTES:,} bytes.",
        fix="Upload it as a dataset (POST /api/v1/datasets), then start a run (POST /api/v1/runs).",
        limit=MOST_BYTES,
    )
