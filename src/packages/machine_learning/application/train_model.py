from dataclasses import dataclass
from pathlib import Path

from anomaly_detection.api import DetectorConfiguration, FitModel, FittedModel, ModelFiles
from data_platform.api import Table


@dataclass(frozen=True, slots=True)
class TrainModel:
    """Fit a model on a table and keep it as a file."""

    fit: FitModel
    files: ModelFiles

    def __call__(
        self, table: Table, configuration: DetectorConfiguration, *, path: Path, force: bool = False
    ) -> FittedModel:
        """Raises what ``FitModel`` and ``ModelFiles.save`` raise; what cannot be stored is refused before training."""
        self.files.check_can_save(configuration.algorithm, path, force=force)
        model = self.fit(table, configuration).model
        self.files.save(model, path, force=force)
        return model
