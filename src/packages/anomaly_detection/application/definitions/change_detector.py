"""Changes of detectors that exist."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, TypedDict

from anomaly_detection.application.configuration_values import configuration_values, restored_configuration
from anomaly_detection.application.definitions.checked_configuration import checked_configuration
from anomaly_detection.application.definitions.ports import DefinitionsTransaction, DefinitionsUnitOfWork
from anomaly_detection.application.ports import Catalogue
from anomaly_detection.domain.definitions.detector_definition import DetectorDefinition
from anomaly_detection.domain.ids import RunId
from core.domain.actor import Actor
from core.domain.public_ids import shown
from data_platform.api import DatasetReader


class Refers(TypedDict, total=False):
    """What a detector points to; None: nothing any more."""

    dataset: str | None  # id or slug
    baseline_run: RunId | None


@dataclass(frozen=True, slots=True)
class ChangeDetector:
    """Change a detector; what is not named stays. Runs keep the configuration they had."""

    uow: DefinitionsTransaction
    catalogue: Catalogue
    datasets: DatasetReader

    def __call__(
        self,
        actor: Actor,
        reference: str,
        *,
        version: int | None,
        words: Mapping[str, str],
        configuration: Mapping[str, Any],
        refers: Refers,
    ) -> None:
        """``words`` may have name and description, ``configuration`` fields of DetectorConfiguration.

        Raises DetectorNotFound, Stale, UnknownAlgorithm, InvalidParameter, InvalidContamination, DatasetNotFound,
        RunNotFound, NotItsRun, RunNotFinished.
        """
        fields: dict[str, Any] = dict(words)
        if "dataset" in refers:
            named = refers["dataset"]
            opened = None if named is None else self.datasets.latest(actor.tenant_id, named)
            fields["dataset_id"] = None if opened is None else opened.dataset_id
        with self.uow(actor) as uow:
            detector = uow.detector(reference)
            detector.require_version(version)
            before = _shown(detector)
            if "baseline_run" in refers:
                _measure_against(uow, detector, refers["baseline_run"])
            for field, value in fields.items():
                setattr(detector, field, value)
            if configuration:
                asked = replace(restored_configuration(detector.configuration), **configuration)
                detector.configuration = configuration_values(checked_configuration(self.catalogue, asked))
            uow.audit("detector.changed", detector.id, before=before, after=_shown(detector))
            uow.commit()


def _measure_against(uow: DefinitionsUnitOfWork, detector: DetectorDefinition, run_id: RunId | None) -> None:
    if run_id is not None and run_id != detector.baseline_run_id:
        uow.require_run(detector, run_id)
    detector.baseline_run_id = run_id


def _shown(detector: DetectorDefinition) -> dict[str, Any]:
    run_id = detector.baseline_run_id
    return {
        "name": detector.name,
        "configuration": dict(detector.configuration),
        "baseline_run": None if run_id is None else shown("run", run_id),
    }


@dataclass(frozen=True, slots=True)
class DeleteDetector:
    """Its runs stay."""

    uow: DefinitionsTransaction

    def __call__(self, actor: Actor, reference: str, *, version: int | None) -> None:
        """Raises DetectorNotFound, Stale."""
        with self.uow(actor) as uow:
            detector = uow.detector(reference)
            detector.require_version(version)
            uow.delete(detector)
            uow.audit("detector.deleted", detector.id, before={"slug": detector.slug})
            uow.commit()
