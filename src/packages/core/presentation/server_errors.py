"""What a server's refusals are to a command: the kind decides the exit code."""

from collections.abc import Mapping
from typing import Any

import httpx

from core.domain.errors import (
    Conflict,
    DomainError,
    Forbidden,
    Invalid,
    NotFound,
    TooLarge,
    Unauthenticated,
    Unavailable,
)


class ServerUnreachable(Unavailable):
    title = "The server does not answer"


class ServerBusy(Unavailable):
    title = "The server cannot do it now"


class NotSignedIn(Unauthenticated):
    title = "The server does not know the token"


class NotAllowed(Forbidden):
    title = "The token may not do that"


class NotThere(NotFound):
    title = "The server has no such thing"


class Clash(Conflict):
    title = "It clashes with what the server has"


class TooMuch(TooLarge):
    title = "It is more than the server takes at once"


class Refused(Invalid):
    title = "The server refuses it"


KINDS: Mapping[int, type[DomainError]] = {
    401: NotSignedIn,
    403: NotAllowed,
    404: NotThere,
    408: ServerBusy,
    409: Clash,
    412: Clash,
    413: TooMuch,
    429: ServerBusy,
}


def refusal(answer: httpx.Response) -> DomainError:
    """Of an answer that is no success, with the server's own words where it has some."""
    kind = KINDS.get(answer.status_code) or (ServerBusy if answer.status_code >= 500 else Refused)
    problem = _problem(answer)
    if "detail" not in problem:
        return ServerUnreachable(
            f"What answers there says {answer.status_code} and no more.", fix="Look at --server."
        )
    detail = str(problem["detail"])
    for first in problem.get("errors", [])[:1]:
        place = first.get("pointer") or f"row {first.get('row', '')}"
        detail += f" {place}: {first.get('detail', '')}".rstrip(": ")
    return kind(detail, fix=str(problem.get("fix", "")))


def _problem(answer: httpx.Response) -> Mapping[str, Any]:
    try:
        found = answer.json()
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
