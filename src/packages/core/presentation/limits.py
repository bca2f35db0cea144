"""What is too much of a request, whoever sends it: its head, its body, the time its body takes."""

import asyncio
from collections.abc import Callable
from contextlib import suppress

from starlette.datastructures import Headers
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from core.domain.errors import DomainError, UnsupportedForm
from core.presentation.problems import of_error, request_id_of
from core.presentation.refusals import AddressTooLong, BodyTooLarge, BodyTooSlow, HeadersTooLarge

MOST_HEADERS, MOST_HEADER_BYTES, MOST_TARGET_BYTES = 100, 32_768, 8_192
DRAINED_S = 2.0  # how long a refused body is read on, so that its sender sees the answer


class RequestLimits:
    """ASGI middleware: reads a body as a whole before anything works on it; ``takes_uploads`` says which requests have
    bodies that are streamed to disk, and counted there. The wait for a part of those is limited as well."""

    def __init__(
        self, app: ASGIApp, *, max_bytes: int, seconds: float, takes_uploads: Callable[[Scope], bool]
    ) -> None:
        self.app, self.max_bytes, self.seconds, self.takes_uploads = app, max_bytes, seconds, takes_uploads

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        try:
            check_head(scope)
            if "transfer-encoding" not in headers and headers.get("content-length", "0") == "0":
                read = receive
            elif self.takes_uploads(scope):
                read = self._patiently(receive)
            else:
                read = _once(await self._whole(headers, receive), receive)
        except ClientDisconnect:
            return
        except DomainError as error:
            answer = of_error(scope["path"], error, request_id=request_id_of(scope))
            answer.headers["Connection"] = "close"  # what is left of the body is not the next request
            await answer(scope, receive, send)
            return
        await self.app(scope, read, send)

    async def _whole(self, headers: Headers, receive: Receive) -> bytes:
        """Raises BodyTooLarge, BodyTooSlow, UnsupportedForm, ClientDisconnect."""
        encoding = headers.get("content-encoding", "identity").lower()
        if encoding != "identity":
            raise UnsupportedForm(
                f"The encoding {encoding[:40]!r} is not read here.", fix="Send it as it is."
            )
        try:
            self._check(int(headers.get("content-length", "0")))
            async with asyncio.timeout(self.seconds):
                return await self._read(receive)
        except TimeoutError:
            raise too_slow(self.seconds) from None
        except BodyTooLarge:
            if "expect" not in headers:
                await self._drain(receive)
            raise

    async def _read(self, receive: Receive) -> bytes:
        body = bytearray()
        while True:
            message = await receive()
            if message["type"] == "http.disconnect":
                raise ClientDisconnect
            body += message.get("body", b"")
            self._check(len(body))
            if not message.get("more_body", False):
                return bytes(body)

    async def _drain(self, receive: Receive) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(DRAINED_S):
                while (await receive()).get("more_body", False):
                    pass

    def _patiently(self, receive: Receive) -> Receive:
        async def receive_soon() -> Message:
            try:
                async with asyncio.timeout(self.seconds):
                    return await receive()
            except TimeoutError:
                raise too_slow(self.seconds) from None

        return receive_soon

    def _check(self, size: int) -> None:
        if size > self.max_bytes:
            raise BodyTooLarge(
                f"It is larger than {self.max_bytes:,} bytes.",
                fix="Send less at once, or upload a file as a dataset.",
                limit=self.max_bytes,
            )


def check_head(scope: Scope) -> None:
    """Raises HeadersTooLarge, AddressTooLong."""
    headers = scope["headers"]
    if len(headers) > MOST_HEADERS or sum(len(n) + len(v) for n, v in headers) > MOST_HEADER_BYTES:
        raise HeadersTooLarge(
            f"At most {MOST_HEADERS} headers of {MOST_HEADER_BYTES:,} bytes together are read.",
            fix="Send fewer or shorter ones.",
        )
    if len(scope.get("raw_path") or b"") + len(scope["query_string"]) > MOST_TARGET_BYTES:
        raise AddressTooLong(f"At most {MOST_TARGET_BYTES:,} bytes are read.", fix="Send a shorter one.")


def too_slow(seconds: float) -> BodyTooSlow:
    return BodyTooSlow(f"It was awaited for {seconds:g} seconds.", fix="Send it faster, or in parts.")


def _once(body: bytes, receive: Receive) -> Receive:
    is_given = False

    async def receive_body() -> Message:
        nonlocal is_given
        if is_given:
            return await receive()
        is_given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return receive_body
