from dataclasses import dataclass

from anomaly_detection.application.configuration_values import restored_configuration
from anomaly_detection.application.definitions.reading import DetectorReader
from anomaly_detection.application.runs.ports import RunQueries, RunView
from anomaly_detection.application.runs.start_run import ByDetector, ByModel, Scorer, StartRun
from anomaly_detection.domain.definitions.detector_definition import DetectorNotFound
from anomaly_detection.domain.ids import RunId
from core.domain.actor import Actor
from core.domain.ids import TenantId
from core.domain.public_ids import shown


@dataclass(frozen=True, slots=True)
class RunAgain:
    """Another run as the one before, over the newest version of its dataset: by its detector as that is now, where it still
    exists, by its model, or by the same configuration."""

    queries: RunQueries
    detectors: DetectorReader
    start: StartRun

    def __call__(self, actor: Actor, run_id: RunId) -> RunId:
        """Raises RunNotFound, and what ``StartRun`` raises."""
        run = self.queries.run(actor.tenant_id, run_id)
        by = self._by(actor.tenant_id, run)
        return self.start(actor, by, dataset=shown("ds", run.dataset_id), number=None)

    def _by(self, tenant_id: TenantId, run: RunView) -> Scorer:
        if run.model_version_id is not None:
            return ByModel(shown("mv", run.model_version_id), run.configuration.get("contamination"))
        if run.detector_id is not None:
            reference = shown("det", run.detector_id)
            try:
                self.detectors.detector(tenant_id, reference)
            except DetectorNotFound:
                return restored_configuration(run.configuration)
            return ByDetector(reference)
        return restored_configuration(run.configuration)
