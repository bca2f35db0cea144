"""A fair sample of a table of any length."""

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from data_platform.application.ports import Table


@dataclass(frozen=True, slots=True)
class Sample:
    """Rows in the table's order; ``row_numbers`` are theirs in the table, from 0."""

    frame: pl.DataFrame
    rows_seen: int
    row_numbers: NDArray[np.int64]

    @property
    def is_whole(self) -> bool:
        return len(self.frame) == self.rows_seen


def sample_rows(table: Table, *, most: int, seed: int) -> Sample:
    """All rows where there are at most ``most``, otherwise that many, each set of rows equally likely.

    Every row draws a number in order, and the ``most`` lowest stay: one pass, memory O(most), and a seed gives the
    same rows whatever the batches and the format.
    """
    random = np.random.default_rng(seed)
    frames: list[pl.DataFrame] = []
    keys, numbers = np.empty(0), np.empty(0, dtype=np.int64)
    highest, rows_seen = np.inf, 0
    for batch in table.batches():
        drawn = random.random(len(batch))
        stays = np.flatnonzero(drawn < highest)
        frames.append(batch if len(stays) == len(batch) else batch[stays])
        keys = np.concatenate([keys, drawn[stays]])
        numbers = np.concatenate([numbers, rows_seen + stays])
        rows_seen += len(batch)
        if len(keys) >= 2 * most:
            kept = _lowest(keys, most)
            frames, keys, numbers = [pl.concat(frames)[kept]], keys[kept], numbers[kept]
            highest = keys.max(initial=0.0)
    kept = _lowest(keys, most)
    frame = pl.concat(frames, rechunk=True) if frames else pl.DataFrame(schema=dict(table.schema))
    return Sample(frame[kept] if len(kept) < len(frame) else frame, rows_seen, numbers[kept])


def _lowest(keys: NDArray[np.float64], n: int) -> NDArray[np.intp]:
    """Indices of the n lowest, ascending."""
    return np.sort(np.argpartition(keys, n - 1)[:n]) if 0 < n < len(keys) else np.arange(min(n, len(keys)))
