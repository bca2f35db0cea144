"""Keys that nobody configured: made once, kept beside the data, the same for every process on that folder."""

import os
from collections.abc import Callable
from pathlib import Path
from secrets import token_hex

from core.domain.errors import Unwritable


class KeyNotKept(Unwritable):
    title = "A key cannot be kept in the data folder"


def made_once(path: Path, make: Callable[[], str]) -> str:
    """What ``path`` holds; where there is no such file, a key made now. Of processes that start at once one wins.

    The file and folder are open to our user only. Raises KeyNotKept.
    """
    try:
        if not path.exists():
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            _keep(path, make())
        return path.read_text().strip()
    except OSError as error:
        raise KeyNotKept(
            f"{path.name}: {error.strerror}.",
            fix="Make data.dir writable for the service, or configure the key.",
        ) from error


def _keep(path: Path, key: str) -> None:
    """A link is made whole or not at all, and never over another: nobody reads half a key, nobody replaces one."""
    draft = path.with_name(f".{path.name}.{token_hex(8)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    try:
        with os.fdopen(descriptor, "w") as file:
            file.write(key)
            file.flush()
            os.fsync(file.fileno())
        os.link(draft, path)
    except FileExistsError:
        pass  # another process was first
    finally:
        draft.unlink()
