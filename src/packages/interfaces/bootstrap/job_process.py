"""What a job's process imports first: not the worker's own modules, nor the server's."""

from collections.abc import Mapping

from core.application.jobs import JobHandler
from core.infrastructure.logging import start_logging
from core.infrastructure.settings import Settings
from interfaces.bootstrap.service import build


def prepare(settings: Settings) -> Mapping[str, JobHandler]:
    """In a job's process: the application, built anew."""
    start_logging(settings.get("log.level"), settings.get("log.format"))
    return build(settings).job_handlers
