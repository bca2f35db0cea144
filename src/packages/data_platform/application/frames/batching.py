"""Frames of any length cut and joined into batches."""

from collections.abc import Iterable, Iterator

import polars as pl

MOST_CELLS = 4_000_000  # of a batch, so that thousands of columns fit into memory too: 32 MB of numbers
FEWEST_ROWS = 256
TEXT_WEIGHT = 8  # a cell of text takes the memory of some numbers: its batches are shorter


def batch_rows(wanted: int, columns: int) -> int:
    """At most ``wanted`` rows, fewer where there are very many columns."""
    return min(wanted, max(FEWEST_ROWS, MOST_CELLS // max(1, columns)))


def rebatched(frames: Iterable[pl.DataFrame], rows: int) -> Iterator[pl.DataFrame]:
    """The same rows in frames of ``rows`` rows, the last one aside."""
    waiting: list[pl.DataFrame] = []
    n_waiting = 0
    for frame in frames:
        waiting.append(frame)
        n_waiting += len(frame)
        if n_waiting < rows:
            continue
        joined = pl.concat(waiting, rechunk=True)
        whole = n_waiting - n_waiting % rows
        yield from joined.head(whole).iter_slices(rows)
        waiting, n_waiting = [joined.slice(whole)], n_waiting - whole
    if n_waiting:
        yield pl.concat(waiting, rechunk=True)
