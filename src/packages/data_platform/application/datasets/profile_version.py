from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from core.application.jobs import JobControl
from core.domain.actor import Actor
from data_platform.application.datasets.column_roles import with_fitting_choices
from data_platform.application.datasets.ports import DatasetsTransaction, DatasetsUnitOfWork
from data_platform.application.datasets.reading import DatasetReader
from data_platform.application.profile_table import ProfileTable
from data_platform.domain.datasets.dataset import Dataset, DatasetVersion
from data_platform.domain.datasets.ids import DatasetVersionId
from data_platform.domain.datasets.stored_checks import scopes, stored_quality, with_since
from data_platform.domain.profile import Profile

PROFILE = "dataset.profile"
LOOKED_BACK = 10  # versions: those between failed, or are not profiled yet


@dataclass(frozen=True, slots=True)
class ProfileVersion:
    """Put a version's profile, and what its values are worth, beside it; ``document`` makes JSON of a profile."""

    uow: DatasetsTransaction
    reader: DatasetReader
    profile: ProfileTable
    document: Callable[[Profile], dict[str, Any]]

    def __call__(self, actor: Actor, version_id: DatasetVersionId, control: JobControl) -> None:
        """Roles that were given for another version and do not fit this one's columns are inferred. Raises DatasetNotFound."""
        opened = with_fitting_choices(self.reader.version(actor.tenant_id, version_id))
        seen = 0

        def advance(rows: int) -> None:
            nonlocal seen
            seen += rows
            control.progress(0.9 * seen / max(opened.rows, seen), "profiling")

        profile = self.profile(opened.table, opened.choices, advance=advance)
        document = self.document(profile)
        with self.uow(actor) as uow:
            dataset = uow.dataset_of(opened.dataset_id)
            version = uow.version(version_id)
            before = _profile_before(uow, dataset, version)
            at = version.created_at.isoformat()
            version.profile = with_since(document, before, version=version.number, at=at)
            version.quality = stored_quality(version.profile, scopes(dataset.checks_off))
            uow.audit("dataset_version.profiled", version_id, after={"rows": opened.rows})
            uow.commit()


def _profile_before(
    uow: DatasetsUnitOfWork, dataset: Dataset, version: DatasetVersion
) -> dict[str, Any] | None:
    """Of the last version that has one, if that is not long ago."""
    for number in range(version.number - 1, max(0, version.number - 1 - LOOKED_BACK), -1):
        before = uow.version_numbered(dataset, number)
        if before is not None and before.profile is not None:
            return before.profile
    return None
