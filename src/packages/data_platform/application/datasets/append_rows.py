from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from core.application.files import FileKind, TenantFiles
from core.domain.actor import Actor
from core.domain.errors import Conflict, Invalid, RowProblem
from core.domain.ids import new_id
from data_platform.application.datasets.ports import (
    CheckedRows,
    DatasetQueries,
    DatasetsTransaction,
    RowFiles,
    VersionView,
)
from data_platform.application.datasets.store_version import StoreVersion, sha256_of
from data_platform.domain.datasets.dataset import Dataset, DatasetVersion, Part, parts_to_join
from data_platform.domain.datasets.ids import DatasetVersionId

TRIES = 5


class RowsRejected(Invalid):
    title = "Rows do not fit the dataset"

    def __init__(self, rejected: int, problems: Sequence[RowProblem]) -> None:
        super().__init__(
            f"{rejected:,} of the rows cannot be added; nothing was stored.",
            fix="Correct them: errors names the first. Without on_error=reject_batch the others are stored.",
            problems=problems,
            accepted=0,
            rejected=rejected,
        )


class DatasetIsBusy(Conflict):
    title = "Others change the dataset all the time"


@dataclass(frozen=True, slots=True)
class AppendRows:
    """The newest version and further rows are the next version; the files of the one serve the other too."""

    uow: DatasetsTransaction
    files: TenantFiles
    queries: DatasetQueries
    rows: RowFiles
    store: StoreVersion

    def __call__(
        self, actor: Actor, reference: str, *, raw: Path, all_or_none: bool
    ) -> tuple[DatasetVersionId, CheckedRows, int]:
        """The version, what was rejected, and how many rows were accepted.

        Raises DatasetNotFound, InvalidTable, TooLarge, RowsRejected, QuotaExceeded, DatasetIsBusy.
        """
        for _ in range(TRIES):
            done = self._attempt(actor, reference, raw=raw, all_or_none=all_or_none)
            if done is not None:
                return done
        raise DatasetIsBusy("Rows were added by others each time we tried.", fix="Send larger batches.")

    def _attempt(
        self, actor: Actor, reference: str, *, raw: Path, all_or_none: bool
    ) -> tuple[DatasetVersionId, CheckedRows, int] | None:
        dataset = self.queries.get(actor.tenant_id, reference)
        base = (
            self.queries.version(actor.tenant_id, reference, dataset.ready_number)
            if dataset.ready_number
            else None
        )
        parts = [] if base is None else base.files
        with self.files.staging(".parquet") as staged:
            checked, joined = self._checked(actor, base, parts, raw=raw, staged=staged)
            kept_rows = sum(part.rows for part in parts[len(parts) - joined :])
            accepted = checked.stored.rows - kept_rows
            if accepted <= 0 or (all_or_none and checked.rejected):
                raise RowsRejected(checked.rejected, checked.problems)
            version_id = DatasetVersionId(new_id())
            with self.store.kept(actor, version_id, staged) as name, self.uow(actor) as uow:
                fresh = uow.dataset_of(dataset.id)
                if fresh.ready_number != dataset.ready_number:
                    self.files.delete(actor.tenant_id, FileKind.DATASETS, name)
                    return None
                version = self._version(actor, fresh, version_id, base=base, raw=raw)
                uow.add(version)
                size = self.files.path(actor.tenant_id, FileKind.DATASETS, name).stat().st_size
                together = [*parts[: len(parts) - joined], Part(name, checked.stored.rows, size)]
                self.store.finish(
                    uow, fresh, version, parts=together, stored=checked.stored, added_rows=accepted
                )
                uow.commit()
        return version_id, checked, accepted

    def _version(
        self,
        actor: Actor,
        dataset: Dataset,
        version_id: DatasetVersionId,
        *,
        base: VersionView | None,
        raw: Path,
    ) -> DatasetVersion:
        """Its content hash is like no other: rows sent twice on purpose are stored twice."""
        version = self.store.next_version(
            actor,
            dataset,
            version_id,
            origin="append",
            content_hash=sha256(f"{version_id}".encode()).hexdigest(),
            size=raw.stat().st_size,
        )
        version.sha256 = sha256(f"{base.sha256 if base else ''}{sha256_of(raw)}".encode()).hexdigest()
        version.parent_number = base.number if base else None
        return version

    def _checked(
        self, actor: Actor, base: VersionView | None, parts: list[Part], *, raw: Path, staged: Path
    ) -> tuple[CheckedRows, int]:
        if base is None:
            return self.rows.check(raw, staged, before=None, joined=None), 0
        paths = [self.files.path(actor.tenant_id, FileKind.DATASETS, part.file) for part in parts]
        joined = parts_to_join(parts, raw.stat().st_size // 20)  # a row is seldom shorter than 20 bytes
        last = self.rows.opened(base.dataset, paths[len(paths) - joined :]) if joined else None
        before = self.rows.opened(base.dataset, paths[:1])
        return self.rows.check(raw, staged, before=before, joined=last), joined
