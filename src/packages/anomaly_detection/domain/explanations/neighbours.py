"""Usual rows that resemble an odd one."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from anomaly_detection.domain.algorithm import Scaling
from anomaly_detection.domain.detector import Matrix
from anomaly_detection.domain.scaling import Scaler
from data_platform.api import Part

NAMED = 3  # columns that are said to differ


@dataclass(frozen=True, slots=True)
class Space:
    """Where distances between prepared rows are taken: as the model scales them, robustly where it does not."""

    scaler: Scaler | None  # None: they come scaled

    @classmethod
    def of(cls, scaling: Scaling, usual: Matrix, parts: Sequence[Part]) -> Self:
        """``usual``: at least one prepared row."""
        return cls(Scaler.fit(usual, Scaling.ROBUST, parts) if scaling is Scaling.NONE else None)

    def placed(self, prepared: Matrix) -> Matrix:
        return prepared if self.scaler is None else self.scaler.transform(prepared)


def nearest(places: Matrix, at: Matrix, count: int) -> tuple[NDArray[np.intp], NDArray[np.float64]]:
    """Indices of the up to ``count`` rows of ``places`` nearest to the one row ``at``, the nearest first, and how far they
    are (Euclidean)."""
    distances = np.sqrt(((places - at) ** 2).sum(axis=1))
    order = np.argsort(distances, kind="stable")[:count]
    return order, distances[order]


def most_different(
    place: NDArray[np.float64],
    other: NDArray[np.float64],
    groups: dict[str, NDArray[np.intp]],
) -> tuple[str, ...]:
    """The up to three columns in which two places differ most, that most first. ``groups``: each column's features."""
    squares = (place - other) ** 2
    by_column = {column: float(squares[features].sum()) for column, features in groups.items()}
    differing = [column for column, square in by_column.items() if square > 0]
    return tuple(sorted(differing, key=lambda column: -by_column[column])[:NAMED])
