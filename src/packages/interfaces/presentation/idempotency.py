"""A POST that is sent again with its Idempotency-Key is not carried out again: it gets the answer of the first time."""

from collections.abc import Callable
from datetime import timedelta
from hashlib import sha256

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from core.application.kept_answers import Answer, Asked, Claim, KeptAnswers
from core.domain.actor import Actor
from core.domain.errors import BadRequest, Invalid
from core.infrastructure.logging import get_logger

HEADER, REPLAYED, NOT_KEPT = "idempotency-key", b"idempotency-replayed", b"idempotency-stored"
LONGEST_KEY = 255
LARGEST_ANSWER = 1 << 20
UPLOAD_PATIENCE = timedelta(hours=1)
# These say nothing of the request itself: sent again, it may well succeed.
FLEETING = frozenset({401, 403, 408, 429})


class InvalidIdempotencyKey(BadRequest):
    title = "The Idempotency-Key is not valid"


class IdempotencyKeyReuse(Invalid):
    title = "The Idempotency-Key was used for another request"


class Idempotency:
    """ASGI middleware, within Authentication and around bodies that are read.

    ``patience`` is the longest that a request may take. An answer is kept unless it is fleeting, a failure of ours, too
    large, or marked no-store: then the request is carried out again. ``is_exempt`` says which requests make secrets.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        answers: KeptAnswers,
        patience: timedelta,
        is_exempt: Callable[[Scope], bool],
        takes_uploads: Callable[[Scope], bool],
    ) -> None:
        self.app, self.answers, self.patience = app, answers, patience
        self.is_exempt, self.takes_uploads = is_exempt, takes_uploads

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        caller = scope.get("state", {}).get("caller")
        key = Headers(scope=scope).get(HEADER) if scope.get("method") == "POST" else None
        if key is None or not isinstance(caller, Actor) or self.is_exempt(scope):
            await self.app(scope, receive, send)
            return
        is_upload = self.takes_uploads(scope)
        patience = UPLOAD_PATIENCE if is_upload else self.patience
        begun = await run_in_threadpool(self.answers.begin, _asked(scope, caller, key, patience))
        body = HashedBody(scope, receive)
        if isinstance(begun, Answer):
            await body.read_on()
            if body.hash != begun.body_hash:
                raise IdempotencyKeyReuse(
                    "Its first use had another body, query or media type.", fix="Make a new key."
                )
            await _replay(begun, send)
            return
        recording = Recording(self.answers, begun, body, send, reads_on=not is_upload)
        try:
            await self.app(scope, body.receive, recording)
        except Exception:
            if not recording.is_over:
                await run_in_threadpool(self.answers.free, begun)
            raise


class HashedBody:
    """The body, hashed as it passes."""

    def __init__(self, scope: Scope, receive: Receive) -> None:
        headers = Headers(scope=scope)
        described = (scope["query_string"], headers.get("content-type", "").encode("latin-1"))
        self._sum = sha256(b"\0".join(described) + b"\0")
        self._receive = receive
        self.is_whole = "transfer-encoding" not in headers and headers.get("content-length", "0") == "0"

    async def receive(self) -> Message:
        message = await self._receive()
        if message["type"] == "http.request" and not self.is_whole:
            self._sum.update(message.get("body", b""))
            self.is_whole = not message.get("more_body", False)
        return message

    async def read_on(self) -> None:
        while not self.is_whole:
            message = await self.receive()
            if message["type"] == "http.disconnect":
                return

    @property
    def hash(self) -> str:
        return self._sum.hexdigest()


class Recording:
    """Sends an answer on when it is kept, or as soon as it is known that it will not be."""

    def __init__(
        self, answers: KeptAnswers, claim: Claim, body: HashedBody, send: Send, *, reads_on: bool
    ) -> None:
        self._answers, self._claim, self._body, self._send = answers, claim, body, send
        self._reads_on = reads_on
        self._start: Message = {}
        self._content = bytearray()
        self.is_over = False  # the claim is settled

    async def __call__(self, message: Message) -> None:
        if self.is_over:
            await self._send(message)
        elif message["type"] == "http.response.start":
            self._start = message
        else:
            self._content += message.get("body", b"")
            is_last = not message.get("more_body", False)
            if is_last or len(self._content) > LARGEST_ANSWER:
                await self._settle()
                self.is_over = True
                await self._send(self._start)
                await self._send(
                    {"type": "http.response.body", "body": bytes(self._content), "more_body": not is_last}
                )
                self._content.clear()

    async def _settle(self) -> None:
        """Where this fails the answer is right all the same; the request cannot be repeated for a while."""
        if self._reads_on:
            await self._body.read_on()
        try:
            if self._is_to_keep():
                await run_in_threadpool(self._answers.finish, self._claim, self._answer())
            else:
                self._start["headers"] = [*self._start["headers"], (NOT_KEPT, b"false")]
                await run_in_threadpool(self._answers.free, self._claim)
        except Exception as error:
            get_logger(__name__).warning("answer_not_kept", reason=type(error).__name__)

    def _is_to_keep(self) -> bool:
        status = self._start["status"]
        is_secret = "no-store" in Headers(raw=self._start["headers"]).get("cache-control", "")
        is_small = len(self._content) <= LARGEST_ANSWER
        return status < 500 and status not in FLEETING and self._body.is_whole and is_small and not is_secret

    def _answer(self) -> Answer:
        headers = tuple((n.decode("latin-1"), v.decode("latin-1")) for n, v in self._start["headers"])
        return Answer(self._body.hash, self._start["status"], headers, bytes(self._content))


def _asked(scope: Scope, caller: Actor, key: str, patience: timedelta) -> Asked:
    """Raises InvalidIdempotencyKey."""
    if not (0 < len(key) <= LONGEST_KEY and key.isascii() and key.isprintable()):
        raise InvalidIdempotencyKey(
            f"It is 1 to {LONGEST_KEY} printable ASCII characters.", fix="Send a UUID, for example."
        )
    caller_id = caller.key_id or caller.user_id
    if caller_id is None:
        raise InvalidIdempotencyKey("Only people and API keys may send one.", fix="Send none.")
    endpoint = sha256(f"{scope['method']} {scope['path']}".encode()).hexdigest()
    return Asked(
        tenant_id=caller.tenant_id, caller_id=caller_id, key=key, endpoint=endpoint, patience=patience
    )


async def _replay(answer: Answer, send: Send) -> None:
    headers = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in answer.headers]
    start = {
        "type": "http.response.start",
        "status": answer.status,
        "headers": [*headers, (REPLAYED, b"true")],
    }
    await send(start)
    await send({"type": "http.response.body", "body": answer.body})
