"""What routers share: who may call a route, a context's use cases, types of input, entity tags."""

from collections.abc import Awaitable, Callable, Coroutine, Iterator
from dataclasses import dataclass
from typing import Annotated, Any, TypeVar

from fastapi import Depends, Header, Request, Response
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute
from pydantic import AfterValidator, StringConstraints

from core.domain.actor import Actor
from core.domain.errors import BadRequest, DomainError, Unauthenticated, VersionNeeded
from core.domain.names import can_be_shown
from core.domain.suggestion import did_you_mean
from core.presentation.media_types import check_media_type

T = TypeVar("T")
# One line of text. PostgreSQL stores no NUL (SQLite does), so it would be a 500 there.
Line = Annotated[str, StringConstraints(min_length=1, pattern=r"^[^\x00-\x1f\x7f]+$", strip_whitespace=True)]
Slug = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{0,62}$")]


def _seen(name: str) -> str:
    if not can_be_shown(name):
        raise ValueError("It holds a character that cannot be seen.")
    return name


Seen = AfterValidator(_seen)
Name = Annotated[Line, Seen]  # that somebody gives to something


class NotSignedIn(Unauthenticated):
    title = "Not signed in"


class UnknownParameter(BadRequest):
    title = "There is no such parameter"


class IdempotencyKeyRequired(BadRequest):
    title = "The request needs an Idempotency-Key"


class InvalidVersion(BadRequest):
    title = "If-Match holds no entity tag of ours"


def from_state(kind: type[T]) -> Callable[[Request], Awaitable[T]]:
    """A dependency returning the object of type ``kind`` that the bootstrap put on ``app.state``."""

    async def get(request: Request) -> T:
        found: T = request.app.state.services[kind]
        return found

    return get


@dataclass(frozen=True, slots=True)
class Permitted:
    """A dependency: the caller, who must have the permission (None: who must be signed in).

    The middleware has already found out who is calling; it left an actor, or the reason why there is none.
    """

    permission: str | None

    async def __call__(self, request: Request) -> Actor:
        caller: Actor | DomainError | None = getattr(request.state, "caller", None)
        if isinstance(caller, DomainError):
            raise caller
        if caller is None:
            raise NotSignedIn(
                "The request has no valid bearer token.",
                fix="Send Authorization: Bearer with an access token or API key.",
            )
        if self.permission is not None:
            caller.require(self.permission)
        return caller


async def anyone() -> None:
    """Marks a route that needs no caller."""


def requires(permission: str | None) -> Any:
    """``actor: Annotated[Actor, requires("datasets:read")]``. Every route states it, or is ``PUBLIC``."""
    return Depends(Permitted(permission))


PUBLIC = Depends(anyone)


def dependants(root: Dependant) -> Iterator[Dependant]:
    """A route's own and those of all its dependencies."""
    yield root
    for dependency in root.dependencies:
        yield from dependants(dependency)


class Route(APIRoute):
    """Looks at who is calling before anything else of the request, and refuses query parameters it does not know,
    instead of ignoring what the caller meant by them, and bodies of another media type."""

    known_everywhere: frozenset[str] = frozenset()  # query parameters of all such routes
    known_beginnings: tuple[str, ...] = ()  # of names that depend on what is asked for

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()
        parts = list(dependants(self.dependant))
        known = {field.alias for part in parts for field in part.query_params} | self.known_everywhere
        asked = [part.call for part in parts if isinstance(part.call, Permitted)]
        body_field = self.body_field

        async def strict(request: Request) -> Response:
            for permitted in asked:
                await permitted(request)
            for name in request.query_params:
                if name not in known and not name.startswith(self.known_beginnings):
                    raise UnknownParameter(
                        f"{name!r} is no parameter of this request.",
                        fix=did_you_mean(name, sorted(known)) if known else "It takes none.",
                        parameter=name,
                    )
            if body_field is not None:
                check_media_type(request, body_field)
            return await handle(request)

        return strict


def set_etag(response: Response, version: int) -> None:
    response.headers["ETag"] = f'"{version}"'


async def if_match(header: Annotated[str | None, Header(alias="If-Match")] = None) -> int | None:
    """The version the caller means to change; None where it does not say. Raises InvalidVersion."""
    if header is None or header.strip() == "*":
        return None
    text = header.strip().removeprefix("W/").strip('"')
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise InvalidVersion(f"{header[:60]!r} is none.", fix="Send the ETag that reading the resource gave.")
    return int(text)


async def must_match(version: Annotated[int | None, Depends(if_match)]) -> int:
    """As ``if_match``; raises VersionNeeded where there is none."""
    if version is None:
        raise VersionNeeded(
            "This change needs If-Match, so that nobody overwrites silently.",
            fix="Send the ETag that reading gave.",
        )
    return version


async def require_idempotency_key(
    key: Annotated[str | None, Header(alias="Idempotency-Key", max_length=255)] = None,
) -> None:
    """Raises IdempotencyKeyRequired."""
    if not key:
        raise IdempotencyKeyRequired(
            "What is sent twice would be done twice.",
            fix="Send Idempotency-Key: a text of your own, such as a UUID.",
        )


IfMatch = Annotated[int | None, Depends(if_match)]
MustMatch = Annotated[int, Depends(must_match)]
