from collections.abc import Callable
from dataclasses import dataclass, fields, replace
from datetime import datetime
from typing import Any

from anomaly_detection.application.configuration_values import configuration_values
from anomaly_detection.application.definitions.checked_configuration import checked_configuration
from anomaly_detection.application.definitions.reading import DetectorReader
from anomaly_detection.application.fit_model import check_rows
from anomaly_detection.application.model_detectors import ModelDetectors
from anomaly_detection.application.ports import Catalogue, ModelFiles
from anomaly_detection.application.runs.ports import RunsTransaction
from anomaly_detection.domain.fitted_model import DetectorConfiguration
from anomaly_detection.domain.ids import DetectorId, RunId
from anomaly_detection.domain.runs.run import Run
from anomaly_detection.domain.threshold import checked_contamination
from core.application.files import TenantFiles
from core.application.quota import Quota
from core.domain.actor import Actor
from core.domain.errors import Invalid
from core.domain.ids import TenantId, new_id
from core.domain.public_ids import shown
from data_platform.api import ColumnChoices, DatasetReader, OpenedVersion

EXECUTE = "run.execute"


class DatasetNeeded(Invalid):
    title = "The run needs a dataset"


@dataclass(frozen=True, slots=True)
class ByDetector:
    """A named detector; its contamination where none is given here."""

    reference: str
    contamination: float | None = None


@dataclass(frozen=True, slots=True)
class ByModel:
    """A registered model; its threshold where no contamination is given."""

    reference: str
    contamination: float | None = None


Scorer = DetectorConfiguration | ByDetector | ByModel


@dataclass(frozen=True, slots=True)
class StartRun:
    """Ask for a dataset version to be scored."""

    uow: RunsTransaction
    catalogue: Catalogue
    models: ModelFiles
    detectors: DetectorReader
    served: ModelDetectors
    datasets: DatasetReader
    files: TenantFiles
    clock: Callable[[], datetime]

    def __call__(self, actor: Actor, by: Scorer, *, dataset: str | None, number: int | None) -> RunId:
        """Without a dataset, the detector's own; without a number, its newest version.

        Raises DatasetNotFound, DatasetNeeded, DetectorNotFound, UnknownAlgorithm, InvalidParameter,
        InvalidContamination, CannotBeSaved, TooFewRows, SchemaMismatch, ColumnNotInDataset, RolesOutdated,
        ConflictingRoles, QuotaExceeded, RateExceeded, and what ``ModelDetectors`` raises.
        """
        tenant_id = actor.tenant_id
        match by:
            case ByModel():
                opened = self._opened(tenant_id, dataset, number)
                scoring = self._by_model(tenant_id, by, opened)
            case ByDetector():
                named = self.detectors.detector(tenant_id, by.reference)
                usual = None if named.dataset_id is None else shown("ds", named.dataset_id)
                opened = self._opened(tenant_id, dataset or usual, number)
                asked = named.configuration
                if by.contamination is not None:
                    asked = replace(asked, contamination=by.contamination)
                scoring = self._by_configuration(asked, opened) | {"detector_id": DetectorId(named.id)}
            case DetectorConfiguration():
                opened = self._opened(tenant_id, dataset, number)
                scoring = self._by_configuration(by, opened)
        return self._stored(actor, opened, scoring)

    def _opened(self, tenant_id: TenantId, dataset: str | None, number: int | None) -> OpenedVersion:
        if dataset is None:
            raise DatasetNeeded("None is named.", fix="Name one, or use a detector that has one.")
        if number is None:
            return self.datasets.latest(tenant_id, dataset)
        return self.datasets.numbered(tenant_id, dataset, number)

    def _by_model(self, tenant_id: TenantId, by: ByModel, opened: OpenedVersion) -> dict[str, Any]:
        served = self.served.served(tenant_id, by.reference)
        checked_contamination(by.contamination)
        for first in opened.table.batches(rows=1):
            served.fitted.prepared(first)  # refuses columns that do not fit
            break
        return {
            "model_version_id": served.version_id,
            "model_reference": served.reference,
            "algorithm": served.fitted.algorithm.name,
            "configuration": {"contamination": by.contamination},
        }

    def _by_configuration(self, asked: DetectorConfiguration, opened: OpenedVersion) -> dict[str, Any]:
        checked = checked_configuration(self.catalogue, asked)
        with self.files.staging(".model") as path:
            self.models.check_can_save(checked.algorithm, path)
        check_rows(opened.slug, opened.rows)
        columns = opened.choices_with(chosen(checked.columns))
        configuration = configuration_values(replace(checked, columns=columns))
        return {"algorithm": checked.algorithm, "configuration": configuration}

    def _stored(self, actor: Actor, opened: OpenedVersion, scoring: dict[str, Any]) -> RunId:
        self._check_rate(actor, opened.rows)
        run_id = RunId(new_id())
        with self.uow(actor) as uow:
            uow.charge(Quota.CONCURRENT_JOBS, 1)
            run = Run(
                id=run_id,
                tenant_id=actor.tenant_id,
                job_id=uow.enqueue(EXECUTE, {"run_id": str(run_id)}, subject_id=run_id),
                dataset_id=opened.dataset_id,
                dataset_version_id=opened.version_id,
                dataset_slug=opened.slug,
                dataset_number=opened.number,
                created_at=self.clock(),
                created_by=actor.user_id,
                created_with=actor.key_id,
                **scoring,
            )
            uow.add(run)
            after = {"dataset": opened.slug, "number": opened.number, "algorithm": run.algorithm}
            uow.audit("run.started", run_id, after=after)
            uow.commit()
        return run_id

    def _check_rate(self, actor: Actor, rows: int) -> None:
        """Raises RateExceeded. Rows are counted once they are scored: this transaction is not committed."""
        with self.uow(actor) as uow:
            uow.charge(Quota.ROWS_SCORED_PER_DAY, rows)


def chosen(choices: ColumnChoices) -> dict[str, Any]:
    """The fields that differ from what they are without a choice."""
    usual = ColumnChoices()
    given = {f.name: getattr(choices, f.name) for f in fields(choices)}
    return {name: value for name, value in given.items() if value != getattr(usual, name)}
