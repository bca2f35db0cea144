"""Large request bodies, on disk before a handler sees them."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from fastapi import Depends, Request
from starlette.concurrency import run_in_threadpool

from core.application.uploads import Uploads
from core.domain.errors import TooLarge
from core.presentation.http import from_state


class UploadTooLarge(TooLarge):
    title = "The upload is too large"


@dataclass(frozen=True, slots=True)
class SpooledBody:
    """Gone after the request, unless the file was moved."""

    path: Path
    size: int
    media_type: str  # as the client says, in lower case, without parameters; may be empty
    encoding: str  # Content-Encoding; may be empty


async def limited_body(
    request: Request, uploads: Annotated[Uploads, Depends(from_state(Uploads))]
) -> AsyncIterator[SpooledBody]:
    """Raises UploadTooLarge, as soon as that is known, and Unwritable. State it after the route's actor: dependencies
    are met in order, and nobody's body is read before they may send it."""
    declared = request.headers.get("content-length", "")
    if declared.isdigit() and len(declared) < 20:
        check(int(declared), uploads.max_bytes)
    with uploads.files.staging(".upload") as path:
        size = 0
        with path.open("wb") as file:
            async for chunk in request.stream():
                size += len(chunk)
                check(size, uploads.max_bytes)
                await run_in_threadpool(file.write, chunk)
        media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        encoding = request.headers.get("content-encoding", "").strip().lower()
        yield SpooledBody(path, size, media_type, encoding)


def check(size: int, limit: int) -> None:
    """Raises UploadTooLarge."""
    if size > limit:
        raise UploadTooLarge(
            f"It is larger than {limit:,} bytes.", fix="Send it in parts, or ask the operator.", limit=limit
        )


Upload = Annotated[SpooledBody, Depends(limited_body)]
