"""An algorithm and where its code is."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib import import_module
from typing import cast

from anomaly_detection.domain.algorithm import Algorithm
from anomaly_detection.domain.detector import Detector


@dataclass(frozen=True, slots=True)
class Offer:
    """A catalogue entry and its detector class, which is imported only when a detector is made.

    ``target`` is ``module:Class``; ``fixed`` are keywords of the class that nobody may choose.
    """

    algorithm: Algorithm
    target: str
    fixed: Mapping[str, object] = field(default_factory=dict)

    def detector(self, parameters: Mapping[str, object], *, seed: int) -> Detector:
        """A new detector, not yet fitted. Raises InvalidParameter."""
        chosen = self.algorithm.with_defaults(parameters)
        module, _, name = self.target.partition(":")
        made = getattr(import_module(module), name)(seed=seed, **self.fixed, **chosen)
        return cast(Detector, made)
