"""Why a request is not even read."""

from core.domain.errors import BadRequest, TooLarge


class HeadersTooLarge(TooLarge):
    title = "The request's headers are too large"


class AddressTooLong(TooLarge):
    title = "The request's address is too long"


class BodyTooLarge(TooLarge):
    title = "The request's body is too large"


class BodyTooSlow(BadRequest):
    title = "The request's body came too slowly"


class UnknownHost(BadRequest):
    title = "The server does not answer to that host name"
