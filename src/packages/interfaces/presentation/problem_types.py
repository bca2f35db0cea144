"""Every problem the API can answer with: what it means and what to do about it."""

from collections.abc import Iterator
from dataclasses import dataclass
from inspect import cleandoc

from core.application.kept_answers import RequestInFlight
from core.domain.errors import DomainError, Forbidden, Unavailable, UnsupportedForm, code_of
from core.presentation.http import NotSignedIn, UnknownParameter
from core.presentation.problems import status_of
from core.presentation.rate_limits import TooManyRequests
from core.presentation.refusals import AddressTooLong, BodyTooLarge, BodyTooSlow, HeadersTooLarge
from interfaces.presentation.deadline import TookTooLong
from interfaces.presentation.idempotency import IdempotencyKeyReuse, InvalidIdempotencyKey


@dataclass(frozen=True, slots=True)
class ProblemType:
    code: str
    status: int
    title: str
    meaning: str = ""

    @property
    def slug(self) -> str:
        return self.code.replace("_", "-")

    @property
    def remedy(self) -> str:
        return REMEDIES[self.status]


REMEDIES = {
    400: "Correct the request: the answer names what is malformed. Sending it again unchanged fails again.",
    401: "Send Authorization: Bearer with an access token that has not expired, or an API key.",
    403: "Ask a tenant admin for a role, key or quota that allows it.",
    404: "Check the path and the id. What belongs to another tenant is not found either.",
    405: "Use a method that the Allow header names.",
    408: "Send the body faster, or in smaller parts.",
    409: "Read the resource again and decide anew: it clashes with what is stored by now.",
    412: "Read the resource again, decide anew, and send its new ETag in If-Match.",
    413: "Send less at once: in parts, as a dataset, or compressed.",
    414: "Send a shorter path and query.",
    415: "Send one of the media types that the operation lists, and name it in Content-Type.",
    422: "Correct the values: errors and fix say which. Sending them again unchanged fails again.",
    428: "Send the ETag that reading the resource gave in If-Match.",
    429: "Wait for the seconds of Retry-After, then send the request again.",
    431: "Send fewer and shorter headers.",
    500: "Send the request again; if it stays, tell the operator the request_id.",
    503: "Wait for the seconds of Retry-After, then send the request again.",
    507: "Tell the operator: the disk is full or cannot be written.",
}


def problem_type(kind: type[DomainError], meaning: str = "") -> ProblemType:
    own = kind.__doc__ if kind.__doc__ and "__doc__" in vars(kind) else ""
    title = getattr(kind, "title", code_of(kind).replace("_", " ").capitalize())
    return ProblemType(code_of(kind), status_of(kind), title, meaning or cleandoc(own))


GENERAL = (
    problem_type(UnknownParameter, "A query parameter is not known."),
    ProblemType("malformed_json", 400, "The body is not JSON", "The body could not be parsed."),
    problem_type(NotSignedIn, "There is no bearer token, or it holds no longer."),
    problem_type(Forbidden, "The caller lacks the permission of the operation."),
    ProblemType("not_found", 404, "Not Found", "There is nothing at this path."),
    ProblemType("method_not_allowed", 405, "Method Not Allowed", "The path exists, the method does not."),
    problem_type(BodyTooSlow),
    problem_type(BodyTooLarge),
    problem_type(AddressTooLong),
    problem_type(UnsupportedForm, "Content-Type names a form that this operation does not read."),
    ProblemType(
        "invalid_request",
        422,
        "The request is not valid",
        "A parameter or a field of the body breaks a rule; errors points at each one.",
    ),
    problem_type(TooManyRequests, "The rate of the key, tenant or address is used up."),
    problem_type(HeadersTooLarge),
    ProblemType(
        "internal_server_error", 500, "The server failed", "A fault of the server, not of the request."
    ),
    problem_type(Unavailable, "The database, the queue or another part of the service does not answer."),
    problem_type(TookTooLong),
)
"""What any operation may answer with."""
REPEATABLE = (
    problem_type(InvalidIdempotencyKey),
    problem_type(RequestInFlight, "The first request with this Idempotency-Key has not ended yet."),
    problem_type(IdempotencyKeyReuse, "Path, query or body differ from those of the first request."),
)
"""And one that takes an Idempotency-Key."""


def problem_types() -> dict[str, ProblemType]:
    """By code, in its order: those of the domain, and those of HTTP."""
    found = {each.code: each for each in _of_domain()} | {each.code: each for each in GENERAL + REPEATABLE}
    return dict(sorted(found.items()))


def _of_domain() -> Iterator[ProblemType]:
    for kind in _kinds(DomainError):
        if kind.__module__.partition(".")[0] != "tests":
            yield problem_type(kind)


def _kinds(base: type[DomainError]) -> Iterator[type[DomainError]]:
    for kind in base.__subclasses__():
        yield kind
        yield from _kinds(kind)
