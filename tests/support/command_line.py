"""The command line as its users run it: a process of its own."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
COMMAND = (sys.executable, "-m", "interfaces.bootstrap.cli")


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
        done = subprocess.run(
            [*COMMAND, *map(str, arguments)],
            cwd=self.folder,
            input=stdin.encode() if isinstance(stdin, str) else stdin,
            capture_output=True,
            env=environment(env),
            timeout=120,
            check=False,
        )
        return Finished(done.returncode, done.stdout.decode(), done.stderr.decode())
