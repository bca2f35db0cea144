"""A form that is sent twice is obeyed once: the second time is answered as the first."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from datetime import timedelta
from hashlib import file_digest, sha256
from http import HTTPStatus

from fastapi import Request, Response
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile

from core.application.kept_answers import Answer, Asked, Claim, KeptAnswers, RequestInFlight

PATIENCE = timedelta(minutes=10)  # with one that is worked on
KEPT = timedelta(seconds=15)  # an answer: who goes back later and sends the form again means it
LOOK_AGAIN_S, LONGEST_WAIT_S = 0.1, 20.0


async def once(asked: Asked, answers: KeptAnswers, obey: Callable[[], Awaitable[Response]]) -> Response:
    """A form that was refused may be sent again; while it is worked on, who sends it again waits. Raises RequestInFlight."""
    begun = await _begin(asked, answers)
    if isinstance(begun, Answer):
        answer = Response(begun.body, begun.status)
        answer.raw_headers = [
            (name.encode("latin-1"), text.encode("latin-1")) for name, text in begun.headers
        ]
        return answer
    try:
        answer = await obey()
    except BaseException:
        await run_in_threadpool(answers.free, begun)
        raise
    await run_in_threadpool(_settle, answers, begun, answer)
    return answer


async def form_sent(request: Request, proof: str) -> str:
    """Names what was sent: the same fields and files of the same form of the same page, whose token is ``proof``."""
    fields = [
        (name, await run_in_threadpool(_file_sent, value) if isinstance(value, UploadFile) else value)
        for name, value in (await request.form()).multi_items()
    ]
    return sha256(json.dumps([proof, fields]).encode()).hexdigest()


def _file_sent(file: UploadFile) -> tuple[str | None, str]:
    """By its content: a typo that was corrected leaves a file's name and size as they were."""
    digest = file_digest(file.file, "sha256").hexdigest()  # type: ignore[arg-type]  # a spooled file is read like any other
    file.file.seek(0)
    return file.filename, digest


async def _begin(asked: Asked, answers: KeptAnswers) -> Claim | Answer:
    waited = 0.0
    while True:
        try:
            return await run_in_threadpool(answers.begin, asked)
        except RequestInFlight as error:
            if waited >= LONGEST_WAIT_S:
                raise RequestInFlight(
                    "You have sent it twice, and the first is not done yet.",
                    fix="Wait a moment, then look whether it is done.",
                ) from error
        await asyncio.sleep(LOOK_AGAIN_S)
        waited += LOOK_AGAIN_S


def _settle(answers: KeptAnswers, claim: Claim, answer: Response) -> None:
    if answer.status_code < HTTPStatus.BAD_REQUEST:
        headers = tuple((n.decode("latin-1"), text.decode("latin-1")) for n, text in answer.raw_headers)
        answers.finish(claim, Answer("", answer.status_code, headers, bytes(answer.body)))
    else:
        answers.free(claim)
