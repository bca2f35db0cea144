from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from anomaly_detection.application.configuration_values import configuration_values
from anomaly_detection.application.definitions.checked_configuration import checked_configuration
from anomaly_detection.application.definitions.ports import DefinitionsTransaction
from anomaly_detection.application.ports import Catalogue
from anomaly_detection.domain.definitions.detector_definition import (
    DetectorDefinition,
    DetectorNameTaken,
    slug_of,
)
from anomaly_detection.domain.fitted_model import DetectorConfiguration
from anomaly_detection.domain.ids import DetectorId
from core.domain.actor import Actor
from core.domain.ids import new_id
from data_platform.api import DatasetReader


@dataclass(frozen=True, slots=True)
class DefineDetector:
    """Keep a configuration under a name."""

    uow: DefinitionsTransaction
    catalogue: Catalogue
    datasets: DatasetReader
    clock: Callable[[], datetime]

    def __call__(
        self,
        actor: Actor,
        configuration: DetectorConfiguration,
        *,
        name: str,
        slug: str | None,
        description: str,
        dataset: str | None,
    ) -> DetectorId:
        """Without a slug it is made of the name.

        Raises UnknownAlgorithm, InvalidParameter, InvalidContamination, InvalidDetectorName, DetectorNameTaken,
        DatasetNotFound.
        """
        slug = slug or slug_of(name)
        values = configuration_values(checked_configuration(self.catalogue, configuration))
        dataset_id = None if dataset is None else self.datasets.latest(actor.tenant_id, dataset).dataset_id
        with self.uow(actor) as uow:
            if uow.is_taken(slug):
                raise DetectorNameTaken(f"A detector is called {slug!r}.", fix="Give it another name.")
            detector = DetectorDefinition(
                id=DetectorId(new_id()),
                tenant_id=actor.tenant_id,
                slug=slug,
                name=name,
                description=description,
                configuration=values,
                dataset_id=dataset_id,
                created_at=self.clock(),
                created_by=actor.user_id,
                created_with=actor.key_id,
            )
            uow.add(detector)
            after = {"slug": slug, "name": name, "algorithm": values["algorithm"]}
            uow.audit("detector.created", detector.id, after=after)
            uow.commit()
        return detector.id
