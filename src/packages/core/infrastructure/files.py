"""Tenants' files in a folder: of this machine, or a volume that all servers and workers share."""

import errno
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from uuid import uuid4

from core.application.files import FileKind
from core.domain.errors import Unwritable
from core.domain.ids import TenantId

NAME = re.compile(r"[0-9a-zA-Z][0-9a-zA-Z._-]{0,120}")


@dataclass(frozen=True, slots=True)
class FolderFiles:
    """``core.application.files.TenantFiles``: ``root/tenants/<tenant id>/<kind>/<name>``, open to our user only."""

    root: Path

    @contextmanager
    def staging(self, suffix: str = "") -> Iterator[Path]:
        folder = self._made(self.root / "staging")
        path = folder / f"{uuid4().hex}{suffix}"
        try:
            yield path
        except OSError as error:
            if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EFBIG):
                raise _unwritable(error) from error
            raise
        finally:
            path.unlink(missing_ok=True)

    def keep(self, tenant_id: TenantId, kind: FileKind, name: str, staged: Path) -> Path:
        path = self.path(tenant_id, kind, name)
        self._made(path.parent)
        try:
            staged.chmod(0o600)
            staged.replace(path)
        except OSError as error:
            raise _unwritable(error) from error
        return path

    def path(self, tenant_id: TenantId, kind: FileKind, name: str) -> Path:
        if not NAME.fullmatch(name):
            raise ValueError(f"{name!r} is no name of a kept file")
        return self._home(tenant_id) / kind / name

    def delete(self, tenant_id: TenantId, kind: FileKind, name: str) -> None:
        self.path(tenant_id, kind, name).unlink(missing_ok=True)

    def of_tenant(self, tenant_id: TenantId) -> Iterator[tuple[FileKind, str, Path]]:
        for kind in FileKind:
            folder = self._home(tenant_id) / kind
            for path in sorted(folder.iterdir()) if folder.is_dir() else ():
                yield kind, path.name, path

    def sweep_staging(self, before: datetime) -> None:
        """Delete what nobody has written to since: its process was killed."""
        folder = self.root / "staging"
        for path in folder.iterdir() if folder.is_dir() else ():
            with suppress(FileNotFoundError):
                if path.stat().st_mtime < before.timestamp():
                    path.unlink()

    def delete_tenant(self, tenant_id: TenantId) -> None:
        shutil.rmtree(self._home(tenant_id), ignore_errors=True)

    def _home(self, tenant_id: TenantId) -> Path:
        return self.root / "tenants" / tenant_id.hex

    @staticmethod
    def _made(folder: Path) -> Path:
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise _unwritable(error) from error
        return folder


def _unwritable(error: OSError) -> Unwritable:
    """Says why, not where: paths of the server are nothing to its users."""
    return Unwritable(
        f"The server cannot store the file: {error.strerror}.",
        fix="Try again later; its operator must make room.",
    )
