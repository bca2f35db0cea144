from dataclasses import dataclass

import numpy as np

from anomaly_detection.application.definitions.checked_configuration import checked_configuration
from anomaly_detection.application.fit_model import FEWEST_ROWS, FitModel
from anomaly_detection.application.ports import Catalogue, TenantCutOffs
from anomaly_detection.application.score_table import ScoreTable
from anomaly_detection.application.scoring.limits import require_light, whole
from anomaly_detection.application.scoring.ports import CountScored
from anomaly_detection.application.scoring.scored_rows import ScoredRows
from anomaly_detection.domain.fitted_model import DetectorConfiguration
from anomaly_detection.domain.severity import SeverityCutOffs
from core.domain.actor import Actor
from data_platform.api import Table, frame_table


@dataclass(frozen=True, slots=True)
class FitAndScore:
    """Few rows, scored with a detector fitted on themselves while the caller waits."""

    fit: FitModel
    catalogue: Catalogue
    count: CountScored
    cut_offs: TenantCutOffs

    def __call__(
        self, actor: Actor, table: Table, configuration: DetectorConfiguration, *, explain: bool
    ) -> ScoredRows:
        """Raises what ``FitModel`` raises, TooManyRows, TooHeavy and RateExceeded."""
        entry = self.catalogue.algorithm(configuration.algorithm)
        frame = whole(table)
        require_light(entry, len(frame), frame.width)
        configuration = checked_configuration(self.catalogue, configuration)
        if len(frame) >= FEWEST_ROWS:  # with fewer, fitting refuses
            self.count(actor.tenant_id, len(frame))
        held = frame_table(frame, table.name)
        fit = self.fit(held, configuration)
        raw = np.concatenate([batch.raw for batch in ScoreTable(held, fit.model, fit)()])
        found = ScoredRows.of(fit.model, raw, served=None, frames=frame.__getitem__ if explain else None)
        return found.cut_at(SeverityCutOffs(*self.cut_offs(actor.tenant_id)))
