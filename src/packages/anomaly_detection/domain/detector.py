"""What every algorithm does for us, whichever library it comes from."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from core.domain.errors import Invalid, InvalidOption

Matrix = NDArray[np.float64]  # shape (n_rows, n_features), C-contiguous, finite
Scores = NDArray[np.float64]  # shape (n_rows,), finite, higher is more anomalous
Contributions = NDArray[np.float64]  # shape (n_rows, n_features), higher pushes the row's score up more


class UnknownAlgorithm(InvalidOption):
    title = "No such algorithm"


class InvalidParameter(InvalidOption):
    title = "The algorithm does not take that parameter or value"


class TooFewRows(Invalid):
    title = "Too few rows to learn from"


class FitFailed(Invalid):
    title = "The algorithm cannot be fitted to these rows"


class CannotBeSaved(InvalidOption):
    title = "This algorithm cannot be stored without pickle"


@dataclass(frozen=True, slots=True)
class DetectorState:
    """A fitted detector as plain data: what a model file holds of it.

    ``values`` survive JSON unchanged, ``arrays`` are numeric, ``blobs`` are members in a format that runs no code
    when read (skops with an allow-list, safetensors).
    """

    values: Mapping[str, object] = field(default_factory=dict)
    arrays: Mapping[str, NDArray[np.generic]] = field(default_factory=dict)
    blobs: Mapping[str, bytes] = field(default_factory=dict)


class Detector(Protocol):
    """An algorithm with its parameters. Rows come in the scaling its catalogue entry asks for."""

    def fit(self, x: Matrix) -> Scores:
        """Learn what is normal from x and give its rows' raw scores (a row does not count as its own neighbour).

        x stays as it was. Raises FitFailed where these rows cannot be learned from.
        """

    def score(self, x: Matrix) -> Scores:
        """One raw score per row of x: higher is more anomalous. After ``fit`` or ``restore``."""

    def state(self) -> DetectorState:
        """What ``restore`` needs to give equal scores in another process."""

    def restore(self, state: DetectorState) -> None:
        """Become the fitted detector that gave this state."""


@runtime_checkable
class ExplainsItself(Protocol):
    """A detector that can say which features made a score, better than by trying others in their place."""

    def contributions(self, x: Matrix) -> Contributions:
        """How much each feature adds to each row's raw score; where the algorithm is additive, they sum to it."""


@runtime_checkable
class DescribesItself(Protocol):
    """A detector that chooses by the rows and can say what it chose."""

    @property
    def description(self) -> str:
        """What was done and why, in one sentence. After ``fit``."""
