from dataclasses import dataclass

from core.domain.actor import Actor
from core.domain.suggestion import did_you_mean
from data_platform.application.datasets.ports import DatasetsTransaction
from data_platform.domain.datasets.stored_checks import scopes, stored_quality
from data_platform.domain.findings import CheckScope
from data_platform.domain.schema import ColumnNotInDataset


@dataclass(frozen=True, slots=True)
class SwitchCheck:
    """A check that is off is still made, and does not lower the quality of any version. Stored anew is only that of the
    newest, which lists of datasets show."""

    uow: DatasetsTransaction

    def __call__(self, actor: Actor, reference: str, scope: CheckScope, *, on: bool) -> None:
        """Raises DatasetNotFound, ColumnNotInDataset."""
        with self.uow(actor) as uow:
            dataset = uow.dataset(reference)
            newest = uow.version_numbered(dataset, dataset.ready_number)
            names = [column["name"] for column in newest.columns] if newest else []
            if scope.column is not None and scope.column not in names and not on:
                detail = f"{dataset.slug} has no column {scope.column!r}."
                fix = did_you_mean(scope.column, names) if names else "Upload rows first."
                raise ColumnNotInDataset(detail, fix=fix, pointer="#/column")
            dataset.switch(scope, on=on)
            if newest is not None and newest.profile is not None and newest.quality is not None:
                newest.quality = stored_quality(newest.profile, scopes(dataset.checks_off))
            after = {"check": scope.check.value, "column": scope.column, "on": on}
            uow.audit("dataset.check_switched", dataset.id, after=after)
            uow.commit()
