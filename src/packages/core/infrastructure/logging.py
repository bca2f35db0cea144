"""Log lines on standard error: JSON for machines, columns for a terminal.

structlog takes 0.2 s to import, so a command that logs nothing does without: it comes with the first logger asked for
or the first line written. Ids are bound with ``structlog.contextvars.bind_contextvars``.
"""

import logging
import os
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from structlog.stdlib import BoundLogger
    from structlog.typing import EventDict, Processor, WrappedLogger

OURS = (
    "core",
    "enterprise",
    "people_ops",
    "data_platform",
    "anomaly_detection",
    "machine_learning",
    "interfaces",
)
FIRST_KEYS = ("timestamp", "level", "event", "logger")


def get_logger(name: str) -> "BoundLogger":
    """A logger for static event names with values beside them: ``logger.info("model_saved", model_id=...)``."""
    import structlog

    if not structlog.is_configured():
        structlog.configure(
            processors=[
                structlog.stdlib.filter_by_level,
                structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
            ],
            logger_factory=structlog.stdlib.LoggerFactory(),
            wrapper_class=structlog.stdlib.BoundLogger,
        )
    logger: BoundLogger = structlog.stdlib.get_logger(name)
    return logger


def log_info(name: str, event: str, **values: object) -> None:
    """As ``get_logger(name).info``, without structlog where such lines are not written."""
    if logging.getLogger(name).isEnabledFor(logging.INFO):
        get_logger(name).info(event, **values)


def start_logging(level: str, form: str = "auto") -> None:
    """Write log lines of ``level`` and above from now on; ``form`` is auto, json or console.

    Other libraries' lines are written from WARNING on, Python's warnings from INFO on: they are seldom for users.
    """
    as_json = form == "json" or (form == "auto" and not (sys.stderr and sys.stderr.isatty()))
    handler: logging.Handler = logging.StreamHandler(sys.stderr) if sys.stderr else logging.NullHandler()
    handler.setFormatter(_Form(as_json=as_json))
    number = logging.getLevelNamesMapping()[level]
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(max(number, logging.WARNING))
    for name in OURS:
        logging.getLogger(name).setLevel(number)
    logging.captureWarnings(True)
    logging.getLogger("py.warnings").setLevel(logging.WARNING if number <= logging.INFO else logging.ERROR)


def json_form() -> logging.Formatter:
    """Of a line for machines."""
    return _Form(as_json=True)


class _Form(logging.Formatter):
    """structlog's formatter, made when the first line comes."""

    def __init__(self, *, as_json: bool) -> None:
        super().__init__()
        self._as_json = as_json
        self._formatter: logging.Formatter | None = None

    def format(self, record: logging.LogRecord) -> str:
        if self._formatter is None:
            self._formatter = _formatter(as_json=self._as_json)
        return self._formatter.format(record)


def _formatter(*, as_json: bool) -> logging.Formatter:
    import structlog

    common: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.stdlib.ProcessorFormatter.remove_processors_meta,
    ]
    plain = structlog.dev.plain_traceback
    rendering: list[Processor] = (
        [
            structlog.processors.format_exc_info,
            _ordered,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ]
        if as_json
        else [structlog.dev.ConsoleRenderer(colors="NO_COLOR" not in os.environ, exception_formatter=plain)]
    )
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=[structlog.stdlib.ExtraAdder()], processors=[*common, *rendering]
    )


def _ordered(_: "WrappedLogger", __: str, event: "EventDict") -> "EventDict":
    return {key: event[key] for key in FIRST_KEYS if key in event} | dict(event)
