from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from core.domain.actor import Actor
from core.domain.ids import new_id
from data_platform.application.datasets.ports import DatasetsTransaction
from data_platform.domain.datasets.dataset import Dataset, DatasetNameTaken, checked_slug, slug_of
from data_platform.domain.datasets.ids import DatasetId


@dataclass(frozen=True, slots=True)
class CreateDataset:
    """A dataset without rows."""

    uow: DatasetsTransaction
    clock: Callable[[], datetime]

    def __call__(
        self, actor: Actor, *, name: str, slug: str | None, description: str, columns: Mapping[str, Any]
    ) -> DatasetId:
        """``columns`` are fields of ColumnChoices. Raises InvalidDatasetName, DatasetNameTaken."""
        slug = checked_slug(slug) if slug else slug_of(name)
        with self.uow(actor) as uow:
            if uow.is_taken(slug):
                raise DatasetNameTaken(
                    f"A dataset is called {slug!r}.",
                    fix="Give it another name, or add a version to that one.",
                )
            dataset = Dataset(
                id=DatasetId(new_id()),
                tenant_id=actor.tenant_id,
                slug=slug,
                name=name,
                description=description,
                columns=dict(columns),
                created_at=self.clock(),
                user_id=actor.user_id,
                key_id=actor.key_id,
            )
            uow.add(dataset)
            uow.audit("dataset.created", dataset.id, after={"slug": slug, "name": name})
            uow.commit()
        return dataset.id
