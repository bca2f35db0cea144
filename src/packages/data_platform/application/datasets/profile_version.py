from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from core.application.jobs import JobControl
from core.domain.actor import Actor
from data_platform.application.datasets.ports import DatasetsTransaction
from data_platform.application.datasets.reading import DatasetReader
from data_platform.application.profile_table import ProfileTable
from data_platform.domain.datasets.ids import DatasetVersionId
from data_platform.domain.profile import Profile
from data_platform.domain.quality import quality

PROFILE = "dataset.profile"


@dataclass(frozen=True, slots=True)
class ProfileVersion:
    """Put a version's profile, and what its values are worth, beside it; ``document`` makes JSON of a profile."""

    uow: DatasetsTransaction
    reader: DatasetReader
    profile: ProfileTable
    document: Callable[[Profile], dict[str, Any]]

    def __call__(self, actor: Actor, version_id: DatasetVersionId, control: JobControl) -> None:
        """Raises DatasetNotFound, UnknownColumn."""
        opened = self.reader.version(actor.tenant_id, version_id)
        seen = 0

        def advance(rows: int) -> None:
            nonlocal seen
            seen += rows
            control.progress(0.9 * seen / max(opened.rows, seen), "profiling")

        profile = self.profile(opened.table, opened.choices, advance=advance)
        document = self.document(profile)
        with self.uow(actor) as uow:
            version = uow.version(version_id)
            version.profile = document
            version.quality = quality(profile.findings, rows=profile.sampled, columns=len(profile.columns))
            uow.audit("dataset_version.profiled", version_id, after={"rows": opened.rows})
            uow.commit()
