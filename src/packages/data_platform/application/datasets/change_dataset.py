"""Changes of datasets themselves."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from core.application.files import FileKind, TenantFiles
from core.application.quota import Quota
from core.domain.actor import Actor
from data_platform.application.datasets.ports import DatasetsTransaction
from data_platform.application.datasets.profile_version import PROFILE
from data_platform.domain.datasets.dataset import DatasetVersion, choices_of
from data_platform.domain.preparation.choices import resolved_in


@dataclass(frozen=True, slots=True)
class ChangeDataset:
    """Change name, description or what columns are for; None leaves it as it is. The slug stays."""

    uow: DatasetsTransaction

    def __call__(
        self,
        actor: Actor,
        reference: str,
        *,
        version: int | None,
        name: str | None,
        description: str | None,
        columns: Mapping[str, Any] | None,
    ) -> None:
        """Raises DatasetNotFound, Stale, ColumnNotInDataset, ConflictingRoles."""
        with self.uow(actor) as uow:
            dataset = uow.dataset(reference)
            dataset.require_version(version)
            before = {"name": dataset.name, "columns": dataset.columns}
            dataset.name = dataset.name if name is None else name
            dataset.description = dataset.description if description is None else description
            if columns is not None:
                dataset.columns = dict(columns)
                newest = uow.version_numbered(dataset, dataset.ready_number)
                if newest is not None:
                    names = [column["name"] for column in newest.columns]
                    resolved_in(dataset.slug, choices_of(columns), names)
                    newest.quality = None
                    uow.enqueue(PROFILE, {"version_id": str(newest.id)}, subject_id=newest.id)
            after = {"name": dataset.name, "columns": dataset.columns}
            uow.audit("dataset.changed", dataset.id, before=before, after=after)
            uow.commit()


@dataclass(frozen=True, slots=True)
class DeleteDataset:
    """A dataset with its versions and their files. Runs keep what they found in it."""

    uow: DatasetsTransaction
    files: TenantFiles

    def __call__(self, actor: Actor, reference: str, *, version: int | None) -> None:
        """Raises DatasetNotFound, Stale."""
        with self.uow(actor) as uow:
            dataset = uow.dataset(reference)
            dataset.require_version(version)
            versions = uow.versions(dataset)
            files = files_of(versions)
            uow.charge(Quota.ROWS_STORED, -sum(each.added_rows for each in versions))
            uow.delete(dataset)
            before = {"slug": dataset.slug, "versions": len(versions), "rows": dataset.rows}
            uow.audit("dataset.deleted", dataset.id, before=before)
            uow.commit()
        for file in files:
            self.files.delete(actor.tenant_id, FileKind.DATASETS, file)


def files_of(versions: Sequence[DatasetVersion]) -> set[str]:
    """Names of all files that the versions consist of."""
    files = {part.file for version in versions for part in version.files}
    return files | {version.raw_file for version in versions if version.raw_file}
