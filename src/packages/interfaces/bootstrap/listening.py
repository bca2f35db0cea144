"""The sockets that the server listens on, opened before anything else is done: who is second hears of it at once."""

import errno
import socket
from collections.abc import Iterator
from contextlib import closing, contextmanager

from core.domain.errors import Conflict
from core.infrastructure.settings import Settings

BACKLOG = 2048


class CannotListen(Conflict):
    title = "The server cannot listen there"


def listening(host: str, port: int, *, setting: str) -> socket.socket:
    """``setting`` names the port in errors. Connections wait until somebody accepts them. Raises CannotListen."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
    except (socket.gaierror, UnicodeError) as error:
        raise CannotListen(f"No address is known for {host!r}.", fix="Change api.host (--host).") from error
    made = socket.socket(family, kind, protocol)
    try:
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        made.bind(address)
        made.listen(BACKLOG)
    except OSError as error:
        made.close()
        raise _refusal(error, host, port, setting) from error
    return made


@contextmanager
def metrics_listener(settings: Settings) -> Iterator[socket.socket | None]:
    """On ``metrics.port``, where the metrics have one. Raises CannotListen."""
    port = settings.get("metrics.port")
    if not settings.get("metrics.enabled") or not port:
        yield None
        return
    with closing(listening(settings.get("api.host"), port, setting="METRICS_PORT")) as made:
        yield made


def shown(listener: socket.socket) -> str:
    """Its URL, for people on this machine."""
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def _refusal(error: OSError, host: str, port: int, setting: str) -> CannotListen:
    if error.errno == errno.EADDRINUSE:
        return CannotListen(
            f"Port {port} of {host} is in use: another server runs there.",
            fix=f"Stop it, or choose another port ({setting}).",
        )
    return CannotListen(
        f"Port {port} of {host}: {error.strerror}.", fix=f"Choose another address or port ({setting})."
    )
