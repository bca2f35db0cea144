"""What runs beside the requests of one server process: the embedded worker, and what is done every second."""

import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from types import FrameType

from core.infrastructure.logging import get_logger

STOPS = (signal.SIGTERM, signal.SIGINT)
SLACK_S = 15.0  # for the worker's last rows to be written, after its grace time


class Background:
    """``at_stop`` is called once, at the signal and in a thread of its own; ``every_second`` also a last time after it."""

    def __init__(
        self,
        *,
        start: Callable[[], None],
        at_stop: Sequence[Callable[[], None]],
        every_second: Sequence[Callable[[], object]],
        grace_s: float,
    ) -> None:
        self._start, self._at_stop, self._every_second = start, at_stop, every_second
        self._longest_s = grace_s + SLACK_S
        self._stopping = threading.Event()
        self._ticker = threading.Thread(target=self._tick, name="every-second", daemon=True)
        self._stopper = threading.Thread(target=self._end, name="stopping", daemon=True)

    def start(self) -> None:
        self._start()
        self._ticker.start()

    def begin_to_stop(self) -> None:
        """Returns at once, and may be called from a signal's handler, more than once."""
        if not self._stopping.is_set():
            self._stopping.set()
            self._stopper.start()

    def stop(self) -> None:
        self.begin_to_stop()
        self._stopper.join(self._longest_s)
        self._ticker.join(self._longest_s)
        self._each(self._every_second)

    def _end(self) -> None:
        self._each(self._at_stop)

    def _tick(self) -> None:
        while not self._stopping.wait(1.0):
            self._each(self._every_second)

    def _each(self, functions: Sequence[Callable[[], object]]) -> None:
        for function in functions:
            try:
                function()
            except Exception as error:  # the database may be away; the next second tries again
                get_logger(__name__).warning("background_failed", reason=type(error).__name__)


@contextmanager
def heard_first(notice: Callable[[], None]) -> Iterator[None]:
    """Notice SIGTERM and Ctrl-C before those whose affair they are. Only in the main thread."""
    before = {number: signal.getsignal(number) for number in STOPS}

    def noticed(number: int, frame: FrameType | None) -> None:
        notice()
        handler = before[signal.Signals(number)]
        if callable(handler):
            handler(number, frame)

    for number in STOPS:
        signal.signal(number, noticed)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
