"""Uploaded files as versions: small ones at once, others by a job."""

from dataclasses import dataclass
from pathlib import Path

from core.application.files import FileKind, TenantFiles
from core.application.jobs import JobControl
from core.domain.actor import Actor
from core.domain.errors import DomainError, Forbidden, Invalid, code_of
from core.domain.ids import new_id
from data_platform.application.datasets.ports import DatasetQueries, DatasetsTransaction, RowFiles
from data_platform.application.datasets.store_version import StoreVersion, sha256_of
from data_platform.application.refusals import InvalidTable
from data_platform.domain.datasets.dataset import DatasetVersion, Part, VersionState
from data_platform.domain.datasets.failure import VersionFailure
from data_platform.domain.datasets.ids import DatasetVersionId

INGEST = "dataset.ingest"
AT_ONCE = 8 << 20  # bytes; more is read by a job


class NotSmall(Exception):
    """It grew, decompressed, beyond what a request reads."""


@dataclass(frozen=True, slots=True)
class UploadVersion:
    """The file's rows as the dataset's next version; the same bytes again are the version they were before."""

    uow: DatasetsTransaction
    files: TenantFiles
    queries: DatasetQueries
    rows: RowFiles
    store: StoreVersion

    def __call__(self, actor: Actor, reference: str, *, raw: Path) -> tuple[DatasetVersionId, bool]:
        """The version, and whether it is new. ``raw`` has the ending of its form, or none that is known.

        Raises DatasetNotFound, InvalidTable, TooLarge, QuotaExceeded, Unwritable.
        """
        content_hash, size = sha256_of(raw), raw.stat().st_size
        known = self.queries.with_content(actor.tenant_id, reference, content_hash)
        if known is not None:
            return known.id, False
        if size <= AT_ONCE:
            with self.files.staging(".parquet") as staged:
                try:
                    stored = self.rows.ingest(raw, staged, small=True, advance=lambda rows: None)
                except NotSmall:
                    return self._later(actor, reference, raw=raw, content_hash=content_hash)
                return self.store(
                    actor, reference, staged=staged, stored=stored, content_hash=content_hash, size=size
                )
        return self._later(actor, reference, raw=raw, content_hash=content_hash)

    def _later(
        self, actor: Actor, reference: str, *, raw: Path, content_hash: str
    ) -> tuple[DatasetVersionId, bool]:
        version_id, size = DatasetVersionId(new_id()), raw.stat().st_size
        name = f"{version_id.hex}.raw{raw.suffix}"
        self.files.keep(actor.tenant_id, FileKind.DATASETS, name, raw)
        try:
            with self.uow(actor) as uow:
                dataset = uow.dataset(reference)
                known = uow.version_with(dataset, content_hash)
                if known is not None:
                    self.files.delete(actor.tenant_id, FileKind.DATASETS, name)
                    return known.id, False
                version = self.store.next_version(
                    actor, dataset, version_id, origin="upload", content_hash=content_hash, size=size
                )
                version.raw_file = name
                payload = {"dataset_id": str(dataset.id), "version_id": str(version_id)}
                version.job_id = uow.enqueue(INGEST, payload, subject_id=version_id)
                uow.add(version)
                after = {"dataset": dataset.slug, "number": version.number, "size": size}
                uow.audit("dataset_version.uploaded", version_id, after=after)
                uow.commit()
        except BaseException:
            self.files.delete(actor.tenant_id, FileKind.DATASETS, name)
            raise
        return version_id, True


@dataclass(frozen=True, slots=True)
class IngestVersion:
    """Read a large upload. A file that cannot be read makes the version a failed one."""

    uow: DatasetsTransaction
    files: TenantFiles
    rows: RowFiles
    store: StoreVersion

    def __call__(self, actor: Actor, version_id: DatasetVersionId, control: JobControl) -> None:
        """Raises DatasetVersionNotFound, InvalidTable, TooLarge, QuotaExceeded, LostClaim."""
        with self.uow(actor) as uow:
            version = uow.version(version_id)
        if version.error is not None:
            known = VersionFailure.restored(version.error)
            raise InvalidTable(known.detail, fix=known.fix, problems=known.problems)
        if version.state is VersionState.READY or version.raw_file is None:
            return
        raw = self.files.path(actor.tenant_id, FileKind.DATASETS, version.raw_file)
        read = 0

        def advance(rows: int) -> None:
            nonlocal read
            read += rows
            control.progress(1 - 1 / (1 + read / 1_000_000), f"{read:,} rows read")

        try:
            with self.files.staging(".parquet") as staged:
                stored = self.rows.ingest(raw, staged, small=False, advance=advance)
                with self.store.kept(actor, version_id, staged) as name, self.uow(actor) as uow:
                    dataset = uow.dataset_of(version.dataset_id)
                    fresh = uow.version(version_id)
                    size = self.files.path(actor.tenant_id, FileKind.DATASETS, name).stat().st_size
                    self.store.finish(
                        uow, dataset, fresh, parts=[Part(name, stored.rows, size)], stored=stored
                    )
                    uow.commit()
        except (Invalid, Forbidden) as error:
            self._failed(actor, version, error)
            raise
        self.files.delete(actor.tenant_id, FileKind.DATASETS, version.raw_file)

    def _failed(self, actor: Actor, version: DatasetVersion, error: DomainError) -> None:
        with self.uow(actor) as uow:
            fresh = uow.version(version.id)
            fresh.fail(VersionFailure.of(error))
            uow.audit("dataset_version.failed", version.id, after={"code": code_of(type(error))})
            uow.commit()
        if version.raw_file:
            self.files.delete(actor.tenant_id, FileKind.DATASETS, version.raw_file)
