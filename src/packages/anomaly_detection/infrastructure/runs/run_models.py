"""Models of runs, kept loaded for as long as people look at their rows."""

from collections import OrderedDict
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock

from anomaly_detection.application.ports import ModelFiles
from anomaly_detection.application.runs.reading import ResultLost
from anomaly_detection.domain.fitted_model import FittedModel
from core.domain.errors import DomainError


@dataclass(frozen=True, slots=True)
class KeptRunModels:
    """``application.runs.ports.RunModels``: the ones not used longest go first. A run's file never changes."""

    models: ModelFiles
    most: int = 8
    _loaded: OrderedDict[Path, FittedModel] = field(default_factory=OrderedDict)
    _lock: Lock = field(default_factory=Lock)

    def model(self, path: Path) -> FittedModel:
        with self._lock:
            kept = self._loaded.get(path)
            if kept is not None:
                self._loaded.move_to_end(path)
                return kept
        fitted = self._read(path)
        with self._lock:
            self._loaded[path] = fitted
            while len(self._loaded) > self.most:
                self._loaded.popitem(last=False)
        return fitted

    def _read(self, path: Path) -> FittedModel:
        try:
            return self.models.load(path)
        except DomainError as error:  # what it says names the server's path
            raise ResultLost(
                "Its model is gone or damaged.", fix="Restore it from a backup, or run again."
            ) from error
