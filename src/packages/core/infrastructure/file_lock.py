"""Elects one process of a machine. The lock ends with the process, however that ends."""

import fcntl
import os
from dataclasses import dataclass, field
from pathlib import Path


@dataclass
class FileLock:
    path: Path
    _descriptor: int | None = field(default=None, init=False)

    def take(self) -> bool:
        """Whether it is ours now; does not wait."""
        if self._descriptor is not None:
            return True
        descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
            return False
        self._descriptor = descriptor
        return True

    def release(self) -> None:
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None
