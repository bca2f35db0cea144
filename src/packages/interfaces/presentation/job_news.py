"""News of running jobs for whoever listens: one look at the database per second and process, however many do."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Collection

from fastapi.concurrency import run_in_threadpool

from core.application.job_list import JobView
from core.domain.errors import TooMany
from core.domain.ids import JobId
from core.infrastructure.logging import get_logger

MOST_LISTENERS = 1000
LONGEST_S = 600.0  # then the client asks anew, with credentials that still hold
QUIET_S = 15.0  # without news: a sign of life follows


class TooManyListeners(TooMany):
    title = "Too many listen already"


class JobNews:
    """``look`` reads jobs by id. One object per process; its asynchronous part is used in one event loop."""

    def __init__(self, look: Callable[[Collection[JobId]], list[JobView]], every_s: float = 1.0) -> None:
        self._look, self._every_s = look, every_s
        self._inboxes: dict[JobId, set[asyncio.Queue[JobView | None]]] = {}
        self._watching: asyncio.Task[None] | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._closed = False

    def check_room(self) -> None:
        """Raises TooManyListeners."""
        if sum(map(len, self._inboxes.values())) >= MOST_LISTENERS:
            raise TooManyListeners("This server tells no more clients of jobs.", fix="Read the job instead.")

    async def of(self, job: JobView) -> AsyncGenerator[JobView | None]:
        """The job now and whenever it changes, until it is over; None where nothing happened for a while."""
        yield job
        inbox: asyncio.Queue[JobView | None] = asyncio.Queue()
        self._inboxes.setdefault(job.id, set()).add(inbox)
        self._watch()
        ends_at = asyncio.get_running_loop().time() + LONGEST_S
        try:
            while not (job.is_over or self._closed) and asyncio.get_running_loop().time() < ends_at:
                try:
                    news = await asyncio.wait_for(inbox.get(), QUIET_S)
                except TimeoutError:
                    yield None
                    continue
                if news is None:
                    return
                if news.version != job.version:
                    job = news
                    yield job
        finally:
            self._inboxes[job.id].discard(inbox)
            if not self._inboxes[job.id]:
                del self._inboxes[job.id]

    def close(self) -> None:
        """End all streams, so that the server can stop. From any thread."""
        self._closed = True
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._tell_all_of_the_end)

    def _watch(self) -> None:
        self._loop = asyncio.get_running_loop()
        if self._watching is None or self._watching.done():
            self._watching = self._loop.create_task(self._keep_looking())

    async def _keep_looking(self) -> None:
        while self._inboxes and not self._closed:
            await asyncio.sleep(self._every_s)
            asked = list(self._inboxes)
            try:
                found = {job.id: job for job in await run_in_threadpool(self._look, asked)}
            except Exception as error:  # the database is away: there is no news
                get_logger(__name__).warning("job_news_failed", reason=type(error).__name__)
                continue
            for job_id in asked:
                for inbox in self._inboxes.get(job_id, ()):
                    inbox.put_nowait(found.get(job_id))

    def _tell_all_of_the_end(self) -> None:
        for inboxes in self._inboxes.values():
            for inbox in inboxes:
                inbox.put_nowait(None)
