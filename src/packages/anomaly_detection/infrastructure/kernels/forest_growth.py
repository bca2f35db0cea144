"""Growing isolation trees, all of a forest level by level."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from anomaly_detection.domain.detector import Matrix
from anomaly_detection.infrastructure.kernels.forest import Forest, Narrow, Narrowing, average_path_length

ROWS_FOR_CENTRE = 4096
CELLS_AT_ONCE = 16_000_000  # of the sampled rows: trees are grown in groups of this size
QUICK_TRIES = 4  # random features tried one by one before all of a node are looked through

Indices = NDArray[np.intp]


def grow(x: Matrix, *, n_trees: int, n_samples: int, seed: int) -> Forest:
    """Trees over ``min(n_samples, n_rows)`` rows each, drawn without replacement; at least two rows."""
    rng = np.random.default_rng(seed)
    size = min(n_samples, len(x))
    sampled = np.stack([rng.choice(len(x), size, replace=False, shuffle=False) for _ in range(n_trees)])
    narrowing = Narrowing.fit(x[sampled.ravel()[:ROWS_FOR_CENTRE]])
    depth = max(1, (size - 1).bit_length())
    group = max(1, CELLS_AT_ONCE // (size * x.shape[1]))
    grown = []
    for first in range(0, n_trees, group):
        trees = sampled[first : first + group]
        grown.append(_Growth(narrowing.narrowed(x[trees.ravel()]), len(trees), depth, rng).trees())
    return Forest(narrowing, *(np.concatenate(part) for part in zip(*grown, strict=True)))


@dataclass(slots=True)
class _Parts:
    """The nodes of one level: ``rows`` lists their rows, node after node."""

    rows: Indices
    count: Indices
    tree: Indices
    node: Indices

    @property
    def first(self) -> Indices:
        return np.cumsum(self.count) - self.count

    def only(self, kept: NDArray[np.bool_]) -> "_Parts":
        rows = self.rows[np.repeat(kept, self.count)]
        return _Parts(rows, self.count[kept], self.tree[kept], self.node[kept])


@dataclass(slots=True)
class _Growth:
    """``rows`` are the samples, tree after tree, all of one size."""

    rows: Narrow
    n_trees: int
    depth: int
    rng: np.random.Generator
    feature: NDArray[np.uint32] = field(init=False)
    threshold: NDArray[np.float32] = field(init=False)
    count: NDArray[np.int64] = field(init=False)

    def __post_init__(self) -> None:
        splits = 2**self.depth - 1
        self.feature = np.zeros((self.n_trees, splits), np.uint32)
        self.threshold = np.full((self.n_trees, splits), np.inf, np.float32)
        self.count = np.zeros((self.n_trees, 2 * splits + 1), np.int64)

    def trees(self) -> tuple[NDArray[np.uint32], Narrow, Narrow, Narrow, Narrow]:
        """Features, thresholds, expected path lengths, lowest and highest values, as ``Forest`` has them."""
        size = len(self.rows) // self.n_trees
        self.count[:, 0] = size
        tree = np.arange(self.n_trees)
        parts = _Parts(np.arange(len(self.rows)), np.full(self.n_trees, size), tree, np.zeros_like(tree))
        for _ in range(self.depth):
            parts = self._split(parts.only(parts.count > 1))
            if len(parts.rows) == 0:
                break
        by_tree = self.rows.reshape(self.n_trees, size, -1)
        return self.feature, self.threshold, self._path_lengths(), by_tree.min(axis=1), by_tree.max(axis=1)

    def _split(self, parts: _Parts) -> _Parts:
        feature, low, high = self._chosen(parts)
        varies = high > low
        parts, feature, low, high = parts.only(varies), feature[varies], low[varies], high[varies]
        if len(parts.rows) == 0:
            return parts
        cut = (low + self.rng.random(len(low)) * (high.astype(np.float64) - low)).astype(np.float32)
        cut = np.where(cut < high, cut, low)  # rounded up to the largest value it would part nothing
        self.feature[parts.tree, parts.node] = feature
        self.threshold[parts.tree, parts.node] = cut
        right = self.rows[parts.rows, np.repeat(feature, parts.count)] > np.repeat(cut, parts.count)
        return self._children(parts, right)

    def _children(self, parts: _Parts, right: NDArray[np.bool_]) -> _Parts:
        n_right = np.add.reduceat(right, parts.first, dtype=np.intp)
        of_part = np.repeat(np.arange(len(parts.count)), parts.count)
        children = _Parts(
            rows=parts.rows[np.argsort(2 * of_part + right, kind="stable")],
            count=np.column_stack([parts.count - n_right, n_right]).ravel(),
            tree=np.repeat(parts.tree, 2),
            node=np.column_stack([2 * parts.node + 1, 2 * parts.node + 2]).ravel(),
        )
        self.count[children.tree, children.node] = children.count
        return children

    def _chosen(self, parts: _Parts) -> tuple[Indices, Narrow, Narrow]:
        """Per node one of the features that vary in it, each as likely, with its range; an empty one where none does."""
        n_nodes, n_features = len(parts.count), self.rows.shape[1]
        feature = np.zeros(n_nodes, np.intp)
        low, high = np.zeros(n_nodes, np.float32), np.zeros(n_nodes, np.float32)
        for _ in range(QUICK_TRIES):
            open_ = low == high
            if not open_.any():
                return feature, low, high
            left = parts.only(open_)
            feature[open_] = tried = self.rng.integers(n_features, size=len(left.count))
            values = self.rows[left.rows, np.repeat(tried, left.count)]
            low[open_] = np.minimum.reduceat(values, left.first)
            high[open_] = np.maximum.reduceat(values, left.first)
        open_ = low == high
        if open_.any():
            feature[open_], low[open_], high[open_] = self._chosen_among_all(parts.only(open_))
        return feature, low, high

    def _chosen_among_all(self, parts: _Parts) -> tuple[Indices, Narrow, Narrow]:
        rows = self.rows[parts.rows]
        low, high = np.minimum.reduceat(rows, parts.first), np.maximum.reduceat(rows, parts.first)
        varying = np.cumsum(high > low, axis=1)
        pick = np.floor(self.rng.random(len(varying)) * varying[:, -1])
        feature = np.argmax(varying > pick[:, None], axis=1)
        node = np.arange(len(feature))
        return feature, low[node, feature], high[node, feature]

    def _path_lengths(self) -> NDArray[np.float32]:
        """At leaves: their depth plus what their rows would still need; above: the mean of the rows below."""
        levels = np.repeat(np.arange(self.depth + 1), 2 ** np.arange(self.depth + 1))
        length = levels + average_path_length(self.count)
        splits = np.isfinite(self.threshold)
        for level in reversed(range(self.depth)):
            here, left, right = _level(level)
            weighted = self.count * length
            mean = (weighted[:, left] + weighted[:, right]) / np.maximum(self.count[:, here], 1)
            length[:, here] = np.where(splits[:, here], mean, length[:, here])
        for level in range(self.depth):
            here, left, right = _level(level)
            for child in (left, right):
                length[:, child] = np.where(splits[:, here], length[:, child], length[:, here])
        return length.astype(np.float32)


def _level(level: int) -> tuple[slice, slice, slice]:
    """The nodes of a level, their left and their right children."""
    first, last = 2**level - 1, 2 ** (level + 1) - 1
    return slice(first, last), slice(2 * first + 1, 2 * last, 2), slice(2 * first + 2, 2 * last + 1, 2)
