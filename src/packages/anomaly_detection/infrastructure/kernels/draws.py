"""Distances to random samples of the fitted rows, in NumPy: the nearest of each sample, by L1.

Distances are added up feature by feature in float32, as the compiled kernel does, so that both give equal ones.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from anomaly_detection.domain.detector import Contributions, Matrix, Scores

CELLS_AT_ONCE = 1_000_000
LARGEST = 1e30  # values end here, so that distances stay finite in float32
NOBODY = -1

Narrow = NDArray[np.float32]
Indices = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Draws:
    """Samples of the fitted rows, each with its typical distance."""

    sampled: Narrow  # shape (n_draws, n_features, draw_size)
    source: Indices  # shape (n_draws, draw_size): the fitted rows they are
    typical: NDArray[np.float64]  # shape (n_draws,), > 0: what a row's distance to this sample is divided by
    n_neighbors: int

    @classmethod
    def of(cls, x: Matrix, source: Indices, *, n_neighbors: int) -> Self:
        """The rows ``source`` of x; ``typical`` is 1 until ``scaled``."""
        sampled = np.ascontiguousarray(narrowed(x[source]).transpose(0, 2, 1))
        return cls(sampled, source, np.ones(len(source)), n_neighbors)

    def __post_init__(self) -> None:
        n_draws, _, size = self.sampled.shape
        if self.source.shape != (n_draws, size) or self.typical.shape != (n_draws,):
            raise ValueError("the parts of the samples differ in size")
        if not 1 <= self.n_neighbors <= size or not (self.typical > 0).all():
            raise ValueError("more neighbours than sampled rows, or a typical distance of 0")

    def part(self, first: int, last: int) -> Self:
        """Some of the samples."""
        some = slice(first, last)
        return type(self)(self.sampled[some], self.source[some], self.typical[some], self.n_neighbors)

    def scaled(self, distances: NDArray[np.float64]) -> Self:
        """With ``typical`` learned from the fitted rows' distances, shape (n_draws, n_rows)."""
        typical = np.median(distances, axis=1)
        # Most rows may be copies of each other, with a median distance of 0.
        typical = np.where(typical > 0, typical, distances.mean(axis=1))
        typical = np.where(typical > 0, typical, 1.0)
        return type(self)(self.sampled, self.source, typical, self.n_neighbors)

    def distances(self, x: Matrix, *, fitted: bool) -> NDArray[np.float64]:
        """Mean L1 distance to the nearest of each sample, shape (n_draws, n_rows). ``fitted``: x are the rows the
        samples were drawn from, and a row is not its own neighbour."""
        found = np.empty((len(self.sampled), len(x)))
        for start, rows in self._blocks(x):
            for t in range(len(found)):
                distance, order = self._nearest(t, rows, start if fitted else NOBODY)
                nearest = np.take_along_axis(distance, order, axis=1)
                found[t, start : start + len(rows)] = nearest.mean(axis=1, dtype=np.float64)
        return found

    def contributions(self, x: Matrix) -> Contributions:
        """What each feature adds to the mean over the samples of distance / typical distance; x are new rows."""
        found = np.zeros(x.shape)
        for start, rows in self._blocks(x):
            for t, sample in enumerate(self.sampled):
                _, order = self._nearest(t, rows, NOBODY)
                gaps = np.abs(rows[:, None, :] - sample.T[order])
                found[start : start + len(rows)] += gaps.mean(axis=1, dtype=np.float64) / self.typical[t]
        return np.asarray(found / len(self.sampled))

    def _nearest(self, t: int, rows: Narrow, first: int) -> tuple[Narrow, NDArray[np.intp]]:
        """Distances to the sample, and which of it are the nearest; ``first`` is the fitted row that rows[0] is."""
        sample = self.sampled[t]
        distance = np.zeros((len(rows), sample.shape[1]), np.float32)
        for j, values in enumerate(sample):
            distance += np.abs(rows[:, j, None] - values)
        if first != NOBODY:
            own = np.arange(first, first + len(rows))
            distance[own[:, None] == self.source[t]] = np.inf
        nearest = np.argpartition(distance, self.n_neighbors - 1, axis=1)[:, : self.n_neighbors]
        return distance, nearest

    def _blocks(self, x: Matrix) -> Iterator[tuple[int, Narrow]]:
        at_once = max(1, CELLS_AT_ONCE // max(self.sampled.shape[2], self.n_neighbors * x.shape[1]))
        for start in range(0, len(x), at_once):
            yield start, narrowed(x[start : start + at_once])


def narrowed(x: Matrix) -> Narrow:
    return np.clip(x, -LARGEST, LARGEST).astype(np.float32)


def mean_over_draws(distances: NDArray[np.float64], typical: NDArray[np.float64]) -> Scores:
    """The score of each row."""
    return np.asarray((distances / typical[:, None]).mean(axis=0))
