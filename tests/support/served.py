"""The server as its operators run it: a process on a free port of this machine."""

import re
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

import httpx
import pytest

from tests.support.breakable import Worker

READY = re.compile(r"^Serving (http://\S+) ", re.MULTILINE)


class Served(Worker):
    """``start`` returns when it answers."""

    url: str

    def start(self) -> None:
        self.log.unlink(missing_ok=True)
        super().start()
        self.url = self.announced()

    def announced(self) -> str:
        deadline = time.monotonic() + 120  # on a machine that does much else
        while time.monotonic() < deadline:
            if found := READY.search(self.log.read_text()):
                return found[1]
            assert self.process.poll() is None, self.log.read_text()
            time.sleep(0.05)
        raise AssertionError(self.log.read_text())

    def get(self, path: str) -> httpx.Response:
        return httpx.get(self.url + path, timeout=60)


class Servers:
    """All are killed after the test."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.made: list[Served] = []

    def __call__(self, *options: str, **variables: str) -> Served:
        """Not started yet; on the folder's data unless the variables say otherwise."""
        given: Mapping[str, str] = {"ANOMALY_DETECTION_DATA_DIR": str(self.folder / "var")} | variables
        server = Served(
            ("interfaces.bootstrap.cli", "serve", "--port", "0", *options),
            given,
            self.folder / f"server{len(self.made)}.log",
        )
        self.made.append(server)
        return server

    def kill(self) -> None:
        for server in self.made:
            if hasattr(server, "process") and server.process.poll() is None:
                server.process.kill()
                server.process.wait()


@pytest.fixture
def servers(tmp_path: Path) -> Iterator[Servers]:
    made = Servers(tmp_path)
    yield made
    made.kill()
