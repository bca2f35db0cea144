"""DomainError -> RFC 9457 problem details. The only place that knows which kind is which status."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from fastapi.routing import iter_route_contexts
from starlette.exceptions import HTTPException
from starlette.types import Scope

from core.domain.errors import (
    BadRequest,
    Conflict,
    DomainError,
    Forbidden,
    Invalid,
    NotFound,
    Stale,
    TooLarge,
    TooMany,
    Unauthenticated,
    Unavailable,
    UnsupportedForm,
    Unwritable,
    VersionNeeded,
    code_of,
)
from core.presentation.refusals import AddressTooLong, BodyTooSlow, HeadersTooLarge

STATUS: Mapping[type[DomainError], int] = {
    BodyTooSlow: 408,
    AddressTooLong: 414,
    HeadersTooLarge: 431,
    BadRequest: 400,
    TooLarge: 413,
    UnsupportedForm: 415,
    VersionNeeded: 428,
    Invalid: 422,
    Unauthenticated: 401,
    Forbidden: 403,
    NotFound: 404,
    Stale: 412,
    Conflict: 409,
    TooMany: 429,
    Unwritable: 507,
    Unavailable: 503,
}
MEDIA_TYPE = "application/problem+json"
RETRY_AFTER = 5  # seconds, where the error does not say
UNPARSED = "There was an error parsing the body"  # FastAPI's word for a body that its JSON reader gave up on
WORDS: Mapping[int, tuple[str, str]] = {
    404: ("Nothing is at this path.", "The paths are listed at /docs and in /openapi.json."),
    405: ("This path does not take that method.", "Use one that the Allow header names."),
}


def status_of(kind: type[DomainError]) -> int:
    return next(STATUS[base] for base in kind.__mro__ if base in STATUS)


def problem(
    path: str,
    *,
    status: int,
    code: str,
    title: str,
    detail: str,
    facts: Mapping[str, Any] | None = None,
    request_id: str = "",
    headers: Mapping[str, str] | None = None,
) -> JSONResponse:
    body = dict(facts or {}) | {
        "type": f"/problems/{code.replace('_', '-')}",
        "title": title,
        "status": status,
        "detail": detail,
        "instance": path,
        "code": code,
        "request_id": request_id,
    }
    return JSONResponse(body, status_code=status, media_type=MEDIA_TYPE, headers=dict(headers or {}))


def of_error(path: str, error: DomainError, *, request_id: str = "") -> JSONResponse:
    """The answer to a request that ended in ``error``: also for middleware, which has no handlers."""
    status = status_of(type(error))
    headers: dict[str, str] = {}
    if status == HTTPStatus.UNAUTHORIZED:
        headers["WWW-Authenticate"] = "Bearer"
    if status in (HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE):
        headers["Retry-After"] = str(error.facts.get("retry_after", RETRY_AFTER))
    return problem(
        path,
        status=status,
        code=code_of(type(error)),
        title=error.title,
        detail=error.detail,
        facts=facts_of(error),
        request_id=request_id,
        headers=headers,
    )


def facts_of(error: DomainError) -> dict[str, Any]:
    """Its facts and its fix. A ``pointer`` among them becomes an entry of ``errors``, as in other refused bodies; of a
    table, the first rows with a problem are the entries."""
    facts: dict[str, Any] = dict(error.facts) | ({"fix": error.fix} if error.fix else {})
    if error.problems:
        facts["errors"] = [asdict(each) for each in error.problems]
    if "pointer" in facts:
        at = {"pointer": facts.pop("pointer"), "code": code_of(type(error)), "detail": error.detail}
        facts["errors"] = [at]
    return facts


def pointer_step(name: str) -> str:
    """RFC 6901."""
    return name.replace("~", "~0").replace("/", "~1")


@contextmanager
def pointing_at(places: Mapping[type[DomainError], str]) -> Iterator[None]:
    """Errors of these types get a pointer into the body: ``#/params/{parameter}``, where parameter is one of their facts:
    a step, or a tuple of steps. Where an error does not have it, all of the parameters are pointed at."""
    try:
        yield
    except tuple(places) as error:
        place = next(places[kind] for kind in type(error).__mro__ if kind in places)
        steps = defaultdict(str, {name: _steps(value) for name, value in error.facts.items()})
        error.facts["pointer"] = place.format_map(steps).rstrip("/")
        raise


def _steps(fact: str | int | float | tuple[str, ...]) -> str:
    return "/".join(map(pointer_step, fact)) if isinstance(fact, tuple) else pointer_step(str(fact))


def where(error: Mapping[str, Any], body: object) -> dict[str, str]:
    """A JSON pointer into the body (RFC 6901, as a fragment), or the name of the parameter."""
    source, *path = error["loc"]
    if source != "body":
        return {"parameter": ".".join(map(str, path))}
    steps = _steps_there(path, body, up_to=path[-1:] if error["type"] == "missing" else [])
    return {"pointer": "#" + "".join("/" + pointer_step(str(step)) for step in steps)}


def _steps_there(
    path: Sequence[int | str], body: object, *, up_to: Sequence[int | str]
) -> Iterator[int | str]:
    """Those that lead through the body: the others name a branch of a union. The last may be missing there."""
    node: Any = body
    for step in path[: len(path) - len(up_to)]:
        if step in node if isinstance(node, Mapping) else isinstance(node, list) and step in range(len(node)):
            node = node[step]
            yield step
    yield from up_to


def rejected(found: Sequence[Mapping[str, Any]], body: object) -> list[dict[str, str]]:
    """Entries of ``errors``, one per place: a value that fits no branch of a union is wrong once."""
    entries: dict[str, dict[str, str]] = {}
    for error in found:
        place, detail = where(error, body), error["msg"].removeprefix("Value error, ")
        known = entries.setdefault(str(place), place | {"code": error["type"], "detail": detail})
        if detail not in known["detail"]:
            known |= {"code": "no_type_fits", "detail": f"{known['detail']}; or: {detail}"}
    return list(entries.values())


def responses(*kinds: type[DomainError]) -> dict[int | str, dict[str, Any]]:
    """For a route's ``responses=``, so OpenAPI lists what can go wrong, by code."""
    of_status: dict[int, dict[str, dict[str, str]]] = {}
    for kind in kinds:
        title = getattr(kind, "title", kind.__name__)
        of_status.setdefault(status_of(kind), {})[code_of(kind)] = {"summary": title}
    return {
        status: {
            "description": " / ".join(each["summary"] for each in examples.values()),
            "content": {MEDIA_TYPE: {"examples": examples}},
        }
        for status, examples in of_status.items()
    }


def install(app: FastAPI) -> None:
    """Every error that leaves a route becomes a problem."""

    @app.exception_handler(DomainError)
    async def on_domain_error(request: Request, error: DomainError) -> JSONResponse:
        return of_error(request.url.path, error, request_id=request_id(request))

    @app.exception_handler(RequestValidationError)
    async def on_invalid_request(request: Request, error: RequestValidationError) -> JSONResponse:
        # Neither the rejected input nor its context is echoed: it may be a password.
        found = error.errors()
        if malformed := next((e for e in found if e["type"] == "json_invalid"), None):
            at = f"at character {malformed['loc'][-1]}"
            return _malformed_json(request, f"The body cannot be read {at}.")
        errors = rejected(found, error.body)
        return problem(
            request.url.path,
            status=422,
            code="invalid_request",
            title="The request is not valid",
            detail=f"{len(errors)} field{'s' * (len(errors) != 1)} rejected: see errors.",
            facts={
                "errors": errors,
                "fix": "Correct what errors names; the reference at /docs shows an example.",
            },
            request_id=request_id(request),
        )

    @app.exception_handler(HTTPException)
    async def on_http_error(request: Request, error: HTTPException) -> JSONResponse:
        if error.status_code == HTTPStatus.BAD_REQUEST and error.detail == UNPARSED:
            return _malformed_json(request, "The body cannot be read: it is no text, or nested too deeply.")
        phrase = HTTPStatus(error.status_code).phrase
        detail, fix = WORDS.get(error.status_code, (str(error.detail), ""))
        headers = dict(error.headers or {})
        if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
            headers["Allow"] = ", ".join(methods_of(request))
        return problem(
            request.url.path,
            status=error.status_code,
            code=phrase.lower().replace(" ", "_").replace("-", "_"),
            title=phrase,
            detail=detail,
            facts={"fix": fix} if fix else None,
            request_id=request_id(request),
            headers=headers,
        )


def methods_of(request: Request) -> list[str]:
    """What the path takes, whichever routes stand for it; HEAD is answered wherever GET is."""
    path = request.scope["path"]
    routes = [each for each in iter_route_contexts(request.app.routes) if each.methods]
    methods = {method for each in routes if each.path_regex.match(path) for method in each.methods or ()}
    return sorted(methods | ({"HEAD"} if "GET" in methods else set()))


def _malformed_json(request: Request, detail: str) -> JSONResponse:
    return problem(
        request.url.path,
        status=400,
        code="malformed_json",
        title="The body is not JSON",
        detail=detail,
        facts={"fix": "Send one JSON value in UTF-8."},
        request_id=request_id(request),
    )


def request_id(request: Request) -> str:
    """The one that the outermost middleware gave it."""
    return request_id_of(request.scope)


def request_id_of(scope: Scope) -> str:
    return str(scope.get("state", {}).get("request_id", ""))
