"""The command line as its users run it: a process of its own."""

import atexit
import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from threading import Lock
from typing import Any

ROOT = Path(__file__).parents[2]
COMMAND = (sys.executable, "-m", "interfaces.bootstrap.cli")
PATIENCE_S = 120


@dataclass(frozen=True, slots=True)
class Finished:
    """What a command left: its exit code and what it printed."""

    code: int
    out: str
    err: str

    @property
    def document(self) -> Any:
        """Standard output as JSON."""
        return json.loads(self.out)

    @property
    def error(self) -> str:
        """The one line that says what went wrong."""
        [line] = [line for line in self.err.splitlines() if line.startswith("error:")]
        assert "Traceback" not in self.err
        return line


def environment(extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """Ours without settings of the machine the tests run on."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("ANOMALY_DETECTION_")}
    return kept | {"PYTHONPATH": str(ROOT / "src" / "packages"), "NO_COLOR": "1"} | dict(extra or {})


@dataclass(frozen=True, slots=True)
class CommandLine:
    """Runs commands in one folder."""

    folder: Path

    def __call__(
        self, *arguments: str | Path, stdin: str | bytes = b"", env: Mapping[str, str] | None = None
    ) -> Finished:
        """In a process that has its imports already. What differs is the second that those take, and that nothing is missed
        that a command forgets to import: each command has a test where it runs ``cold``."""
        given = stdin.encode() if isinstance(stdin, str) else stdin
        return warm()(list(map(str, arguments)), self.folder, environment(env), given)

    def cold(
        self, *arguments: str | Path, stdin: str | bytes = b"", env: Mapping[str, str] | None = None
    ) -> Finished:
        """In a process that imports what it needs."""
        done = subprocess.run(
            [*COMMAND, *map(str, arguments)],
            cwd=self.folder,
            input=stdin.encode() if isinstance(stdin, str) else stdin,
            capture_output=True,
            env=environment(env),
            timeout=PATIENCE_S,
            check=False,
        )
        return Finished(done.returncode, done.stdout.decode(), done.stderr.decode())


class Warm:
    """Has commands run by ``tests.support.warm``, one at a time."""

    def __init__(self) -> None:
        self.requests, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.requests.settimeout(PATIENCE_S)
        self.one = Lock()
        with theirs:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "tests.support.warm", str(theirs.fileno())],
                env=environment() | {"PYTHONPATH": f"{ROOT / 'src' / 'packages'}:{ROOT}"},
                pass_fds=[theirs.fileno()],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                start_new_session=True,
            )

    def __call__(
        self, words: list[str], folder: Path, variables: Mapping[str, str], stdin: bytes
    ) -> Finished:
        request = json.dumps({"words": words, "folder": str(folder), "variables": variables}).encode()
        (read_in, write_in), (read_out, write_out), (read_err, write_err) = (os.pipe() for _ in range(3))
        theirs = [read_in, write_out, write_err]
        with self.one, ThreadPoolExecutor(3) as pool:
            pool.submit(_write, write_in, stdin)
            out, err = pool.submit(_read, read_out), pool.submit(_read, read_err)
            try:
                try:
                    socket.send_fds(self.requests, [request], theirs)
                finally:
                    for each in theirs:
                        os.close(each)
                code = json.loads(self.requests.recv(100))
            except (OSError, ValueError) as error:  # it hangs, or is no more
                raise AssertionError(self.kill()) from error
            return Finished(code, out.result().decode(), err.result().decode())

    def kill(self) -> str:
        """With its command; the next one finds another. What it has said."""
        warm.cache_clear()
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        return self.stop()

    def stop(self) -> str:
        self.requests.close()
        _, said = self.process.communicate()
        atexit.unregister(self.stop)
        return said.decode()


@cache
def warm() -> Warm:
    """Of this process, until it ends."""
    started = Warm()
    atexit.register(started.stop)
    return started


def _write(descriptor: int, content: bytes) -> None:
    with os.fdopen(descriptor, "wb") as stream:
        stream.write(content)


def _read(descriptor: int) -> bytes:
    with os.fdopen(descriptor, "rb") as stream:
        return stream.read()
