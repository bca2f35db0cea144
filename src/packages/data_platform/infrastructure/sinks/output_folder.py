"""Folders whose files appear together or not at all."""

import json
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from core.domain.errors import Conflict, Unwritable


class FolderNotEmpty(Conflict):
    title = "The folder has files in it"


class StagedFolder:
    """Files are written to a hidden folder inside ``folder``, and move up one by one when the block ends well.

    Other files in the folder stay.
    """

    def __init__(self, folder: Path, *, force: bool) -> None:
        self._folder = folder.expanduser()
        self._force = force
        self._made = False
        self._staging: Path | None = None

    @property
    def path(self) -> Path:
        if self._staging is None:
            raise RuntimeError("outside of the with block")
        return self._staging

    def __enter__(self) -> Self:
        with self._translated():
            if self._folder.exists() and not self._folder.is_dir():
                raise Unwritable(f"{self._folder} is a file.", fix="Name a folder.")
            if self._folder.is_dir() and not self._force and any(self._folder.iterdir()):
                raise FolderNotEmpty(
                    f"{self._folder} has files in it.",
                    fix="Choose another folder, or replace them with --force.",
                )
            self._made = not self._folder.exists()
            self._folder.mkdir(parents=True, exist_ok=True)
            self._staging = Path(tempfile.mkdtemp(prefix=".part-", dir=self._folder))
        return self

    def write_json(self, name: str, document: Mapping[str, Any]) -> None:
        """Raises Unwritable."""
        with self._translated():
            (self.path / name).write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with self._translated():
            if kind is None:
                for file in sorted(self.path.iterdir()):
                    file.replace(self._folder / file.name)
        shutil.rmtree(self.path, ignore_errors=True)
        if kind is not None and self._made:
            shutil.rmtree(self._folder, ignore_errors=True)

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise Unwritable(
                f"Cannot write to {self._folder}: {error.strerror or error}.", fix="Choose another folder."
            ) from error
