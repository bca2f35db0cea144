from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from socket import AF_UNIX, SHUT_WR, socket
from socketserver import BaseRequestHandler, ThreadingTCPServer
from threading import Thread

import pytest
import sqlalchemy as sa

from core.infrastructure.sql import Storage
from tests.support.dataset_desk import DatasetDesk, dataset_desk


@pytest.fixture
def desk(storage: Storage, tmp_path: Path) -> DatasetDesk:
    """With an empty dataset called orders."""
    made = dataset_desk(storage, tmp_path / "files")
    assert made.call("POST", "/datasets", json={"name": "Orders"}).status_code == 201
    return made


@pytest.fixture(scope="session")
def tcp_postgres(postgres_url: str) -> Iterator[str]:
    """The same server over loopback TCP, through a relay: it listens on a unix socket alone."""
    folder = Path(str(sa.make_url(postgres_url).query["host"]))
    socket_path = next(folder.glob(".s.PGSQL.*[0-9]"))
    with Relay(("127.0.0.1", 0), Relayed) as relay:
        relay.target = str(socket_path)
        Thread(target=relay.serve_forever, daemon=True).start()
        yield f"postgresql://postgres:x@127.0.0.1:{relay.server_address[1]}/postgres?sslmode=disable"
        relay.shutdown()


class Relay(ThreadingTCPServer):
    daemon_threads = True
    target = ""


class Relayed(BaseRequestHandler):
    def handle(self) -> None:
        assert isinstance(self.server, Relay)
        with socket(AF_UNIX) as upstream:
            upstream.connect(self.server.target)
            back = Thread(target=_copy, args=(upstream, self.request), daemon=True)
            back.start()
            _copy(self.request, upstream)
            back.join(5)


def _copy(source: socket, sink: socket) -> None:
    with suppress(OSError):
        while chunk := source.recv(65_536):
            sink.sendall(chunk)
        sink.shutdown(SHUT_WR)
