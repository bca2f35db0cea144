"""How rows become a version, wherever they come from."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from hashlib import file_digest
from pathlib import Path
from typing import Any

from core.application.files import FileKind, TenantFiles
from core.application.quota import Quota
from core.domain.actor import Actor
from core.domain.ids import new_id
from data_platform.application.datasets.ports import DatasetsTransaction, DatasetsUnitOfWork, StoredRows
from data_platform.application.datasets.profile_version import PROFILE
from data_platform.domain.datasets.dataset import Dataset, DatasetVersion, Part, VersionState
from data_platform.domain.datasets.ids import DatasetVersionId


def sha256_of(path: Path) -> str:
    with path.open("rb") as file:
        return file_digest(file, "sha256").hexdigest()


@dataclass(frozen=True, slots=True)
class StoreVersion:
    """Keep rows that are read already as the dataset's next version, or find that it has them."""

    uow: DatasetsTransaction
    files: TenantFiles
    clock: Callable[[], datetime]

    def __call__(
        self,
        actor: Actor,
        reference: str,
        *,
        staged: Path,
        stored: StoredRows,
        content_hash: str,
        size: int,
        source: Mapping[str, Any] | None = None,
    ) -> tuple[DatasetVersionId, bool]:
        """The version, and whether it is new. Raises DatasetNotFound, QuotaExceeded."""
        version_id = DatasetVersionId(new_id())
        with self.kept(actor, version_id, staged) as name, self.uow(actor) as uow:
            dataset = uow.dataset(reference)
            known = uow.version_with(dataset, content_hash)
            if known is not None:
                self.files.delete(actor.tenant_id, FileKind.DATASETS, name)
                return known.id, False
            version = self.next_version(
                actor,
                dataset,
                version_id,
                origin="fetch" if source else "upload",
                content_hash=content_hash,
                size=size,
            )
            version.source = None if source is None else dict(source)
            uow.add(version)
            self.finish(
                uow, dataset, version, parts=[Part(name, stored.rows, self._size(actor, name))], stored=stored
            )
            uow.commit()
        return version_id, True

    def next_version(
        self,
        actor: Actor,
        dataset: Dataset,
        version_id: DatasetVersionId,
        *,
        origin: str,
        content_hash: str,
        size: int,
    ) -> DatasetVersion:
        return DatasetVersion(
            id=version_id,
            tenant_id=actor.tenant_id,
            dataset_id=dataset.id,
            number=dataset.next_number(),
            state=VersionState.INGESTING,
            origin=origin,
            content_hash=content_hash,
            sha256=content_hash,
            size=size,
            created_at=self.clock(),
            user_id=actor.user_id,
            key_id=actor.key_id,
        )

    def finish(
        self,
        uow: DatasetsUnitOfWork,
        dataset: Dataset,
        version: DatasetVersion,
        *,
        parts: list[Part],
        stored: StoredRows,
        added_rows: int | None = None,
    ) -> None:
        """Charge, audit and announce the version. Raises QuotaExceeded."""
        version.added_rows = stored.rows if added_rows is None else added_rows
        version.store(parts, stored.columns, notes=stored.notes)
        dataset.made_ready(version)
        uow.charge(Quota.ROWS_STORED, version.added_rows)
        after = {
            "dataset": dataset.slug,
            "number": version.number,
            "rows": version.rows,
            "sha256": version.sha256,
        }
        uow.audit("dataset_version.created", version.id, after=after)
        uow.enqueue(PROFILE, {"version_id": str(version.id)}, subject_id=version.id)

    @contextmanager
    def kept(self, actor: Actor, version_id: DatasetVersionId, staged: Path) -> Iterator[str]:
        """The name the staged file is kept under; gone again where the block fails."""
        name = f"{version_id.hex}-{new_id().hex[-8:]}.parquet"
        self.files.keep(actor.tenant_id, FileKind.DATASETS, name, staged)
        try:
            yield name
        except BaseException:
            self.files.delete(actor.tenant_id, FileKind.DATASETS, name)
            raise

    def _size(self, actor: Actor, name: str) -> int:
        return self.files.path(actor.tenant_id, FileKind.DATASETS, name).stat().st_size
