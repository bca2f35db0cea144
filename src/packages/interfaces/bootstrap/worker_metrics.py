"""What a worker process counts, on a port of its own: it has no API to be asked through."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from starlette.responses import PlainTextResponse
from uvicorn import Config, Server

from interfaces.bootstrap.listening import metrics_listener
from interfaces.bootstrap.metrics import metrics_text
from interfaces.bootstrap.service import Service
from interfaces.presentation.metrics_http import MetricsPort

SCRAPES_AT_ONCE = 10
STOPS_WITHIN_S = 5


@contextmanager
def metrics_served(service: Service) -> Iterator[None]:
    """To whoever reaches ``metrics.port``, where one is set. Raises CannotListen."""
    with metrics_listener(service.settings) as listener:
        if listener is None:
            yield
            return
        server = _server(service)
        thread = threading.Thread(target=server.run, args=([listener],), name="metrics", daemon=True)
        thread.start()
        try:
            yield
        finally:
            server.should_exit = True
            thread.join(2 * STOPS_WITHIN_S)


def _server(service: Service) -> Server:
    port = service.settings.get("metrics.port")
    nothing_else = PlainTextResponse("Not found.\n", status_code=404)
    return Server(
        Config(
            MetricsPort(nothing_else, port, metrics_text(service)),
            ws="none",
            lifespan="off",
            log_config=None,
            access_log=False,
            proxy_headers=False,
            server_header=False,
            limit_concurrency=SCRAPES_AT_ONCE,
            timeout_graceful_shutdown=STOPS_WITHIN_S,
        )
    )
