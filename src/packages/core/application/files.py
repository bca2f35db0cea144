"""Files of tenants as use cases see them."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, suppress
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Protocol

from core.domain.ids import TenantId


class FileKind(StrEnum):
    DATASETS = "datasets"
    RESULTS = "results"
    MODELS = "models"
    EXPORTS = "exports"


class TenantFiles(Protocol):
    """Whole files under names that we choose. A file is kept before its row is stored, deleted after it."""

    def staging(self, suffix: str = "") -> AbstractContextManager[Path]:
        """A path to write to, on the file system of the kept files; gone at the end unless it was kept."""

    def keep(self, tenant_id: TenantId, kind: FileKind, name: str, staged: Path) -> Path:
        """Move a staged file to its place, at once and whole. Raises Unwritable."""

    def path(self, tenant_id: TenantId, kind: FileKind, name: str) -> Path:
        """Where the file is, to read it; it need not exist."""

    def delete(self, tenant_id: TenantId, kind: FileKind, name: str) -> None:
        """Gone afterwards, whether it was there or not."""

    def of_tenant(self, tenant_id: TenantId) -> Iterator[tuple[FileKind, str, Path]]:
        """All that is kept for the tenant."""

    def delete_tenant(self, tenant_id: TenantId) -> None: ...


def written_before(files: TenantFiles, tenant_id: TenantId, kind: FileKind, latest: datetime) -> set[str]:
    """The names of the tenant's files of that kind that nobody has written to since ``latest``."""
    names: set[str] = set()
    for each, name, path in files.of_tenant(tenant_id):
        with suppress(FileNotFoundError):  # deleted meanwhile
            if each is kind and path.stat().st_mtime < latest.timestamp():
                names.add(name)
    return names
