"""Isolation trees as arrays (Liu, Ting and Zhou 2008), and walking them in NumPy.

A tree of depth D is a complete binary tree: the children of node i are 2i + 1 (value <= threshold) and 2i + 2.
Below a leaf that is not at the bottom every threshold is +inf, so that walks go on to the left: no child pointers.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from anomaly_detection.domain.detector import Contributions, Matrix, Scores

FURTHEST = 1e30  # narrowed values end here, so that their differences stay finite in float32
WALKS_AT_ONCE = 131_072  # rows x trees: the arrays of the walks stay in cache

Narrow = NDArray[np.float32]
Nodes = NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Narrowing:
    """Columns as float32 about 0, so that small changes of a large value (a time stamp) survive."""

    unit: NDArray[np.float64]  # shape (n_features,), powers of two: multiplying loses nothing
    centre: NDArray[np.float64]  # shape (n_features,), of the values times ``unit``

    @classmethod
    def fit(cls, x: Matrix) -> Self:
        largest = np.abs(x).max(axis=0)
        unit = np.ldexp(1.0, -np.where(largest > 0, np.clip(np.frexp(largest)[1], -1000, 1000), 0))
        return cls(unit, np.median(x * unit, axis=0))

    def narrowed(self, x: Matrix) -> Narrow:
        with np.errstate(over="ignore"):
            return np.clip(x * self.unit - self.centre, -FURTHEST, FURTHEST).astype(np.float32)


@dataclass(frozen=True, slots=True)
class Forest:
    """Complete trees of one depth over narrowed rows."""

    narrowing: Narrowing
    feature: NDArray[np.uint32]  # shape (n_trees, 2^D - 1)
    threshold: NDArray[np.float32]  # shape (n_trees, 2^D - 1)
    path_length: NDArray[
        np.float32
    ]  # shape (n_trees, 2^(D + 1) - 1): expected at each node; the leaves come last
    lowest: NDArray[np.float32]  # shape (n_trees, n_features), of the rows the tree was grown on
    highest: NDArray[np.float32]

    def __post_init__(self) -> None:
        splits = self.feature.shape[1]
        nodes, box = (self.n_trees, 2 * splits + 1), (self.n_trees, self.n_features)
        if (
            splits & (splits + 1)
            or self.threshold.shape != self.feature.shape
            or self.path_length.shape != nodes
        ):
            raise ValueError("the trees are not complete binary trees of one depth")
        if self.lowest.shape != box or self.highest.shape != box or self.narrowing.centre.shape != box[1:]:
            raise ValueError("the parts of the forest differ in features")
        if self.feature.max() >= self.n_features:
            raise ValueError("a tree splits on a feature that is not there")

    @property
    def n_features(self) -> int:
        return len(self.narrowing.unit)

    @property
    def n_trees(self) -> int:
        return len(self.feature)

    @property
    def depth(self) -> int:
        return int(self.feature.shape[1]).bit_length()

    def path_lengths(self, x: Matrix) -> Scores:
        """The sum over the trees of each row's path length. float64 holds it exactly: any order of adding gives it."""
        totals = np.empty(len(x))
        for start, rows in self._blocks(x, max(1, WALKS_AT_ONCE // self.n_trees)):
            leaf = [child for _, _, child in self._walks(rows)][-1]
            totals[start : start + len(rows)] = self._lengths(leaf).sum(axis=0)
        return totals

    def gains(self, x: Matrix) -> Contributions:
        """How much cuts on each feature shorten each row's expected path, summed over the trees.

        A cut gains the expected length at its node less that at the child the row goes to (Saabas 2014). Where the
        row lies beyond what the tree was grown on, cuts are added that would have set it apart had it been there: at
        each node on its path one in n_features would have been on the feature, and as many of these would have fallen
        into the gap as the gap is wide. Without them a value far out of range looks like one just at its edge.
        """
        gains = np.zeros(x.shape)
        for start, rows in self._blocks(x, max(1, WALKS_AT_ONCE // max(self.n_trees, x.shape[1]))):
            total = np.zeros(rows.size)
            to_gain = np.zeros((self.n_trees, len(rows)))
            for level, (cell, node, child) in enumerate(self._walks(rows)):
                length = self._lengths(node)
                to_gain += np.maximum(length - (level + 1), 0)
                gain = length - self._lengths(child)
                total += np.bincount(cell.ravel(), weights=gain.ravel(), minlength=rows.size)
            gains[start : start + len(rows)] = total.reshape(rows.shape) + self._gains_of_gaps(rows, to_gain)
        return gains

    def _gains_of_gaps(self, rows: Narrow, to_gain: NDArray[np.float64]) -> Contributions:
        gains: Contributions = np.zeros(rows.shape)
        for low, high, most in zip(self.lowest, self.highest, to_gain, strict=True):
            gap = np.maximum(np.maximum(low - rows, rows - high), 0).astype(np.float64)
            share = np.divide(gap, gap + (high - low), out=np.zeros_like(gap), where=gap > 0)
            gains += share * most[:, None]
        return np.asarray(gains / rows.shape[1])

    def _blocks(self, x: Matrix, rows_at_once: int) -> Iterator[tuple[int, Narrow]]:
        for start in range(0, len(x), rows_at_once):
            yield start, self.narrowing.narrowed(x[start : start + rows_at_once])

    def _walks(self, rows: Narrow) -> Iterator[tuple[Nodes, Nodes, Nodes]]:
        """Level by level of all walks: the cell of ``rows`` that decides, the node and the child gone to.

        Each of shape (n_trees, n_rows).
        """
        first_of_tree = np.arange(self.n_trees)[:, None] * self.feature.shape[1]
        first_of_row = np.arange(len(rows)) * rows.shape[1]
        node = np.zeros((self.n_trees, len(rows)), dtype=np.intp)
        for _ in range(self.depth):
            split = first_of_tree + node
            cell = first_of_row + self.feature.take(split)
            child = 2 * node + 1 + (rows.take(cell) > self.threshold.take(split))
            yield cell, node, child
            node = child

    def _lengths(self, node: Nodes) -> NDArray[np.float64]:
        first_of_tree = np.arange(self.n_trees)[:, None] * self.path_length.shape[1]
        return np.asarray(self.path_length.take(first_of_tree + node), dtype=np.float64)


def average_path_length(n: NDArray[np.int64] | int) -> NDArray[np.float64]:
    """Of an unsuccessful search in a binary search tree of n rows (Liu et al. 2008, eq. 1); 0 for n <= 1."""
    size = np.maximum(np.asarray(n, dtype=np.float64), 2.0)
    length = 2 * (np.log(size - 1) + np.euler_gamma) - 2 * (size - 1) / size
    return np.where(np.asarray(n) > 2, length, np.where(np.asarray(n) == 2, 1.0, 0.0))
