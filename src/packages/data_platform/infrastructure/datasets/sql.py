"""Changes of datasets and sources. Every change of a dataset's versions locks the dataset first."""

from collections.abc import Sequence
from typing import Any, TypeVar

from sqlalchemy import Select, select
from sqlalchemy.exc import IntegrityError

from core.domain.public_ids import parsed
from core.infrastructure.sql import Duplicate, Owned, SqlUnitOfWork, is_duplicate
from data_platform.domain.datasets.dataset import (
    Dataset,
    DatasetVersion,
    DatasetVersionNotFound,
    no_dataset,
)
from data_platform.domain.datasets.ids import DatasetId, DatasetVersionId
from data_platform.domain.datasets.source import Source, no_source
from data_platform.infrastructure.datasets.tables import datasets, sources, versions

A = TypeVar("A", bound=Owned)


class SqlDatasetsUnitOfWork(SqlUnitOfWork):
    """``application.datasets.ports.DatasetsUnitOfWork``."""

    def dataset(self, reference: str) -> Dataset:
        dataset = self._locked(select(Dataset).where(named(datasets, "ds", reference)))
        if dataset is None:
            raise no_dataset(reference)
        return dataset

    def dataset_of(self, dataset_id: DatasetId) -> Dataset:
        dataset = self._locked(select(Dataset).where(datasets.c.id == dataset_id))
        if dataset is None:
            raise no_dataset("")
        return dataset

    def is_taken(self, slug: str) -> bool:
        return self.one(select(Dataset).where(datasets.c.slug == slug)) is not None

    def version(self, version_id: DatasetVersionId) -> DatasetVersion:
        version = self._locked(select(DatasetVersion).where(versions.c.id == version_id))
        if version is None:
            raise DatasetVersionNotFound("It was deleted with its dataset.")
        return version

    def version_numbered(self, dataset: Dataset, number: int) -> DatasetVersion | None:
        return self.one(self._versions(dataset).where(versions.c.number == number))

    def version_with(self, dataset: Dataset, content_hash: str) -> DatasetVersion | None:
        return self.one(self._versions(dataset).where(versions.c.content_hash == content_hash))

    def versions(self, dataset: Dataset) -> Sequence[DatasetVersion]:
        return self.session.scalars(self.mine(self._versions(dataset))).all()

    def source(self, reference: str) -> Source:
        source = self._locked(select(Source).where(named(sources, "src", reference)))
        if source is None:
            raise no_source(reference)
        return source

    def is_source_taken(self, slug: str) -> bool:
        return self.one(select(Source).where(sources.c.slug == slug)) is not None

    def add(self, aggregate: Owned) -> None:
        super().add(aggregate)
        try:
            self.session.flush()
        except IntegrityError as error:
            if is_duplicate(error):
                raise Duplicate("Someone else stored the same just now.", fix="Repeat.") from error
            raise

    def delete(self, aggregate: Dataset | Source) -> None:
        self.session.delete(aggregate)

    def _versions(self, dataset: Dataset) -> Select[DatasetVersion]:
        return select(DatasetVersion).where(versions.c.dataset_id == dataset.id)

    def _locked(self, statement: Select[A]) -> A | None:
        return self.one(statement.with_for_update())


def named(table: Any, prefix: str, reference: str) -> Any:
    """The condition that a row is the one of that id or slug."""
    id_ = parsed(prefix, reference)
    if id_ is not None:
        return table.c.id == id_
    # PostgreSQL refuses text with NUL where SQLite finds nothing.
    return table.c.slug == reference.replace("\x00", "\ufffd")
