from core.infrastructure.job_queue import JobQueue, open_queue
from core.infrastructure.settings import Settings


def job_queue(settings: Settings) -> JobQueue:
    """Where this installation's servers tell its workers of jobs."""
    return open_queue(settings.get("redis.url"), settings.get("data.dir"))
