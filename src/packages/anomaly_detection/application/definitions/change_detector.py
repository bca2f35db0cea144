"""Changes of detectors that exist."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from anomaly_detection.application.configuration_values import configuration_values, restored_configuration
from anomaly_detection.application.definitions.checked_configuration import checked_configuration
from anomaly_detection.application.definitions.ports import DefinitionsTransaction
from anomaly_detection.application.ports import Catalogue
from core.domain.actor import Actor
from data_platform.api import DatasetReader


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
        dataset: Mapping[str, str | None],
    ) -> None:
        """``words`` may have name and description, ``configuration`` fields of DetectorConfiguration, ``dataset`` the one
        key dataset (None: none any more).

        Raises DetectorNotFound, Stale, UnknownAlgorithm, InvalidParameter, InvalidContamination, DatasetNotFound.
        """
        fields: dict[str, Any] = dict(words)
        if dataset:
            named = dataset["dataset"]
            opened = None if named is None else self.datasets.latest(actor.tenant_id, named)
            fields["dataset_id"] = None if opened is None else opened.dataset_id
        with self.uow(actor) as uow:
            detector = uow.detector(reference)
            detector.require_version(version)
            before = {"name": detector.name, "configuration": dict(detector.configuration)}
            for field, value in fields.items():
                setattr(detector, field, value)
            if configuration:
                asked = replace(restored_configuration(detector.configuration), **configuration)
                detector.configuration = configuration_values(checked_configuration(self.catalogue, asked))
            after = {"name": detector.name, "configuration": dict(detector.configuration)}
            uow.audit("detector.changed", detector.id, before=before, after=after)
            uow.commit()


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
