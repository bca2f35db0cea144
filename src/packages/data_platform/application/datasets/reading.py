"""What the contexts above read of a dataset."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Protocol

from core.domain.ids import TenantId
from data_platform.application.ports import Table
from data_platform.domain.datasets.dataset import DatasetNotFound as DatasetNotFound  # offered on
from data_platform.domain.datasets.ids import DatasetId, DatasetVersionId
from data_platform.domain.preparation.choices import resolved, resolved_in
from data_platform.domain.schema import ColumnChoices, RolesOutdated, UnknownColumn


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenedVersion:
    """An immutable version of a dataset. ``choices`` are the roles its owner gave to columns."""

    dataset_id: DatasetId
    version_id: DatasetVersionId
    slug: str
    number: int  # 1, 2, ... within the dataset
    rows: int
    sha256: str
    choices: ColumnChoices
    table: Table

    def choices_with(self, chosen: Mapping[str, Any]) -> ColumnChoices:
        """``choices``, except for those fields that were chosen, in this version's spelling.

        Raises ColumnNotInDataset for those, RolesOutdated for ``choices`` themselves, ConflictingRoles.
        """
        columns = list(self.table.schema)
        resolved_in(self.slug, ColumnChoices(**chosen), columns)
        try:
            return resolved(replace(self.choices, **chosen), columns)
        except UnknownColumn as error:
            raise RolesOutdated(
                f"They name {error.facts['column']!r}, which version {self.number} of {self.slug} does not have.",
                fix=f"Change them: PATCH /api/v1/datasets/{self.slug}.",
            ) from error


class DatasetReader(Protocol):
    def latest(self, tenant_id: TenantId, dataset: str) -> OpenedVersion:
        """The newest version of the dataset of that id (``ds_...``) or slug. Raises DatasetNotFound."""

    def numbered(self, tenant_id: TenantId, dataset: str, number: int) -> OpenedVersion:
        """That version of the dataset. Raises DatasetNotFound, DatasetVersionNotFound."""

    def version(self, tenant_id: TenantId, version_id: DatasetVersionId) -> OpenedVersion:
        """Raises DatasetNotFound."""
