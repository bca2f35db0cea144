"""The last lines that a job's process logged: they go to its worker as they are written, and are kept where the job fails.

A line is a JSON object. Secrets leave it before it leaves the process; what else it holds, such as paths, addresses and
tracebacks, is for operators. ``told`` is what the tenant may read of it.
"""

import json
import logging
import re
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from core.infrastructure.logging import OURS, json_form

MOST_LINES, MOST_BYTES = 50, 8192
LONGEST = 1000  # characters of one value
OF_THE_JOB = ("job_id", "kind", "tenant_id", "request_id")  # in every line, and in the job's row
STEP = "job_step"
STATIC = re.compile(r"[a-z][a-z0-9_]{0,79}")  # an event of ours: a name, without values in it
SECRET_NAME = re.compile(
    r"passw|secret|token|cookie|auth|credential|dsn|(^|_)key|^(to|subject|text)$", re.IGNORECASE
)
SECRET_TEXT = re.compile(
    r"(?<=://)[^\s/]*(?=@)|(?<=bearer )\S+|\banom_[\w-]{16,}|\b(?:token|state|password)=[^\s&]+",
    re.IGNORECASE,
)


class PipedLog(logging.Handler):
    """Gives every line to ``say``, until it is closed."""

    def __init__(self, say: Callable[[str], None]) -> None:
        super().__init__()
        self.setFormatter(json_form())
        self._say: Callable[[str], None] | None = say

    def emit(self, record: logging.LogRecord) -> None:
        try:
            if self._say is not None:
                self._say(kept(json.loads(self.format(record))))
        except Exception:
            self.handleError(record)

    def close(self) -> None:
        """Once this returns, nothing is said any more: what another thread still logs belongs to no job."""
        self.acquire()
        self._say = None
        self.release()
        super().close()


@contextmanager
def logged_to(say: Callable[[str], None]) -> Iterator[None]:
    """What is logged meanwhile goes to ``say`` too."""
    handler, root = PipedLog(say), logging.getLogger()
    root.addHandler(handler)
    try:
        yield
    finally:
        root.removeHandler(handler)
        handler.close()


class LogTail:
    """The last lines of one run of a job, and the steps it told of."""

    def __init__(self) -> None:
        self._lines: deque[str] = deque(maxlen=MOST_LINES)
        self._step = ""

    def add(self, line: str) -> None:
        self._lines.append(line)
        self._step = ""

    def step(self, at: datetime, message: str) -> None:
        """In place of the last line, where that says the same with other numbers."""
        if not message:
            return
        words = re.sub(r"[\d.,]+", "", message)
        if words == self._step:
            self._lines.pop()
        fields = {"timestamp": at.isoformat(), "level": "info", "event": STEP, "message": message}
        self.add(kept(fields | {"logger": __name__}))
        self._step = words

    def lines(self) -> list[str]:
        """The last ones, as many as there is room for."""
        found: deque[str] = deque()
        room = MOST_BYTES
        for line in reversed(self._lines):
            room -= len(line.encode())
            if room < 0:
                break
            found.appendleft(line)
        return list(found)


def kept(fields: dict[str, Any]) -> str:
    """Without secrets and without what the job's row says; never too long for a tail of one line."""
    line = _line({name: _safe(name, value) for name, value in fields.items() if name not in OF_THE_JOB})
    if len(line.encode()) <= MOST_BYTES // 2:
        return line
    named = ("timestamp", "level", "event", "logger", "message", "exception")
    return _line({name: _safe(name, fields[name])[-LONGEST // 10 :] for name in named if name in fields})


def told(lines: Sequence[str]) -> tuple[str, ...]:
    """Time, level and name of what we log ourselves, and the steps: nothing that a library or the machine put into words."""
    found = []
    for line in lines:
        fields = json.loads(line)
        event = fields["event"]
        if fields["logger"].partition(".")[0] not in OURS or not STATIC.fullmatch(event):
            continue
        what = fields["message"] if event == STEP else event
        found.append(f"{fields['timestamp']} {fields['level']} {what}")
    return tuple(found)


def _safe(name: str, value: object) -> str:
    if SECRET_NAME.search(name):
        return "***"
    text = value if isinstance(value, str) else json.dumps(value)
    text = SECRET_TEXT.sub("***", text).encode(errors="replace").decode()
    return text[-LONGEST:] if name == "exception" else text[:LONGEST]


def _line(fields: dict[str, str]) -> str:
    return json.dumps(fields, ensure_ascii=False)
