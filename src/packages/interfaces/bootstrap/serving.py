"""The server: prepared, listening, announced when it answers, and stopped in good order."""

import math
import os
import signal
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from functools import partial
from http.client import HTTPConnection, HTTPException
from tempfile import TemporaryDirectory
from types import FrameType

from uvicorn import Config, Server
from uvicorn.config import STARTUP_FAILURE
from uvicorn.supervisors import Multiprocess

from core.domain.errors import Unavailable
from core.infrastructure.metrics import FOLDER_VARIABLE
from core.infrastructure.settings import Settings
from enterprise.api import Enterprise
from interfaces.bootstrap import server_process
from interfaces.bootstrap.administration import build_administration
from interfaces.bootstrap.background import STOPS
from interfaces.bootstrap.database import prepare_database
from interfaces.bootstrap.listening import listening, metrics_listener, shown
from interfaces.bootstrap.production import require_settings, require_state

ANSWERS_WITHIN_S = 120.0
HUNG_S = 30  # a server process that does not even answer its parent for so long is replaced


class ServerFailed(Unavailable):
    title = "The server does not start"


def serve(settings: Settings, tell: Callable[[str], None]) -> None:
    """Until SIGTERM or Ctrl-C; ``tell`` hears of the URL when it answers.

    Raises UnsafeSettings, CannotListen, NotMigrated, DatabaseUnreachable, ServerFailed.
    """
    host, port = settings.get("api.host"), settings.get("api.port")
    require_settings(settings)
    with ExitStack() as stack:
        listener = stack.enter_context(closing(listening(host, port, setting="--port")))
        metrics = stack.enter_context(metrics_listener(settings))
        prepare_database(settings)
        with closing(build_administration(settings)) as service:
            enterprise: Enterprise = service.bundles[Enterprise]
            enterprise.ensure_platform()
            require_state(service)
        stack.enter_context(_announced(listener, tell))
        if settings.get("api.workers") > 1:
            folder = stack.enter_context(TemporaryDirectory(prefix="anomaly_detection-metrics-"))
            os.environ[FOLDER_VARIABLE] = folder  # for the processes that are started now
        _run(_config(settings), [listener, metrics] if metrics else [listener])


def _config(settings: Settings) -> Config:
    return Config(
        partial(server_process.application, settings),
        factory=True,
        loop="uvloop",
        http="httptools",
        ws="none",
        lifespan="on",
        log_config=None,
        access_log=False,
        proxy_headers=False,
        server_header=False,
        workers=settings.get("api.workers"),
        timeout_graceful_shutdown=math.ceil(settings.get("api.grace_s")),
        timeout_worker_healthcheck=HUNG_S,
    )


def _run(config: Config, listeners: list[socket.socket]) -> None:
    if config.workers > 1:
        processes = Multiprocess(config, sockets=listeners)
        processes.run()
        failed = any(process.exitcode == STARTUP_FAILURE for process in processes.processes)
    else:
        failed = _run_here(Server(config), listeners)
    if failed:
        raise ServerFailed("Its application did not start.", fix="See the log above.")


def _run_here(server: Server, listeners: list[socket.socket]) -> bool:
    """Whether it failed to start."""
    try:
        with _signals_end_nothing():
            server.run(listeners)
    except SystemExit as exit_:
        return exit_.code == STARTUP_FAILURE
    return False


@contextmanager
def _signals_end_nothing() -> Iterator[None]:
    """When it has stopped, uvicorn raises the signals that it had caught once more."""

    def nothing(number: int, frame: FrameType | None) -> None: ...

    before = {number: signal.signal(number, nothing) for number in STOPS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def _announced(listener: socket.socket, tell: Callable[[str], None]) -> Iterator[None]:
    """``tell`` is called when the first request is answered."""
    over = threading.Event()

    def watch() -> None:
        if _answers(listener, over):
            tell(f"Serving {shown(listener)} - Ctrl-C stops it.")

    threading.Thread(target=watch, name="announcement", daemon=True).start()
    try:
        yield
    finally:
        over.set()


def _answers(listener: socket.socket, over: threading.Event) -> bool:
    host, port = listener.getsockname()[:2]
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104  # where to knock, not to listen  # nosec B104
    while not over.is_set():
        with closing(HTTPConnection(host, port, timeout=ANSWERS_WITHIN_S)) as client:
            try:
                client.request("GET", "/livez")
                client.getresponse().read()
            except (OSError, HTTPException):
                over.wait(0.1)
            else:
                return not over.is_set()
    return False
