from dataclasses import dataclass
from pathlib import Path

from core.application.files import FileKind, TenantFiles
from core.domain.errors import Unavailable
from core.domain.ids import TenantId
from data_platform.application.datasets.ports import DatasetQueries, RowFiles, VersionView
from data_platform.application.datasets.reading import OpenedVersion
from data_platform.domain.datasets.dataset import VersionNotReady, VersionState, choices_of
from data_platform.domain.datasets.ids import DatasetVersionId


class RowsLost(Unavailable):
    title = "The version's rows cannot be read"


@dataclass(frozen=True, slots=True)
class StoredDatasets:
    """``DatasetReader`` of the versions that are stored."""

    queries: DatasetQueries
    files: TenantFiles
    rows: RowFiles

    def latest(self, tenant_id: TenantId, dataset: str) -> OpenedVersion:
        return self.opened(tenant_id, self.queries.version(tenant_id, dataset, None))

    def numbered(self, tenant_id: TenantId, dataset: str, number: int) -> OpenedVersion:
        return self.opened(tenant_id, self.queries.version(tenant_id, dataset, number))

    def version(self, tenant_id: TenantId, version_id: DatasetVersionId) -> OpenedVersion:
        return self.opened(tenant_id, self.queries.version_of(tenant_id, version_id))

    def opened(self, tenant_id: TenantId, version: VersionView) -> OpenedVersion:
        """Raises VersionNotReady, RowsLost."""
        return OpenedVersion(
            dataset_id=version.dataset_id,
            version_id=version.id,
            slug=version.dataset,
            number=version.number,
            rows=version.rows,
            sha256=version.sha256,
            choices=choices_of(version.choices),
            table=self.rows.opened(version.dataset, self.paths(tenant_id, version)),
        )

    def paths(self, tenant_id: TenantId, version: VersionView) -> list[Path]:
        """Raises VersionNotReady, RowsLost."""
        if version.state is not VersionState.READY:
            raise VersionNotReady(
                f"Version {version.number} of {version.dataset} is {version.state}.",
                fix="Wait for its job, or use another version.",
            )
        paths = [self.files.path(tenant_id, FileKind.DATASETS, part.file) for part in version.files]
        if not all(path.is_file() for path in paths):
            raise RowsLost(
                "A file of the version is gone.", fix="Restore it from a backup, or upload it anew."
            )
        return paths
