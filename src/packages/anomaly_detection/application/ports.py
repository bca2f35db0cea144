"""What this context needs from outside, in its own words."""

from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

from anomaly_detection.domain.algorithm import Algorithm
from anomaly_detection.domain.detector import Detector
from anomaly_detection.domain.fitted_model import FittedModel
from core.domain.ids import TenantId


class Catalogue(Protocol):
    """The algorithms that can be asked for."""

    def algorithms(self) -> tuple[Algorithm, ...]:
        """All of them, in the order they are shown."""

    def further_names(self) -> tuple[str, ...]:
        """Names that ``algorithm`` takes as well: the detectors of PyOD, as ``pyod:ClassName``."""

    def algorithm(self, name: str) -> Algorithm:
        """The entry of that name or alias. Raises UnknownAlgorithm with the nearest names."""

    def detector(self, name: str, parameters: Mapping[str, object], *, seed: int) -> Detector:
        """A new detector, not yet fitted. Raises UnknownAlgorithm, InvalidParameter."""


class TenantCutOffs(Protocol):
    """The lowest scores of low, high and critical that a tenant has chosen, as it was a second ago."""

    def __call__(self, tenant_id: TenantId) -> tuple[float, float, float]: ...

    def at_once(self, tenant_id: TenantId) -> tuple[float, float, float] | None:
        """None where it would need I/O."""


class ModelFiles(Protocol):
    """Fitted models as single files that run no code when they are read."""

    def check_can_save(self, algorithm: str, path: Path, *, force: bool = False) -> None:
        """Refuse, before any work, what ``save`` would refuse after it."""

    def save(self, model: FittedModel, path: Path, *, force: bool = False) -> None:
        """Write whole or not at all. Raises CannotBeSaved, Unwritable, and ModelExists unless ``force``."""

    def verify(self, path: Path) -> None:
        """Check form and hashes without loading anything. Raises ModelNotFound, InvalidModelFile."""

    def load(self, path: Path) -> FittedModel:
        """The model, scoring as it did when it was saved. Raises ModelNotFound, InvalidModelFile."""
