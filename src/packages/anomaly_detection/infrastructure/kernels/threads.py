"""How many threads our kernels and faiss may use, and how rows are spread over them.

Kernels are serial functions without the interpreter lock over a range of rows, called from a few Python threads: no
threading layer that a fork or a second caller could upset.
"""

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from anomaly_detection.domain.detector import Matrix

ROWS_AT_ONCE = 16_384
ROWS_CONVERTED_AT_ONCE = 4096  # so that the copy stays in cache


@dataclass
class _Allowed:
    threads: int | None = None


_ALLOWED = _Allowed()


def use_threads(threads: int | None) -> None:
    """From now on at most this many; None: as many as this process may run on."""
    _ALLOWED.threads = threads


def threads() -> int:
    """How many threads may be used now."""
    return _ALLOWED.threads or len(os.sched_getaffinity(0))


def over_rows(
    x: NDArray[np.floating],
    work: Callable[[Matrix, int, int], None],
    *,
    n_features: int,
    rows_at_once: int = ROWS_AT_ONCE,
) -> None:
    """Call ``work(x[start:stop], start, stop)`` for ranges that cover all rows, in parallel where that pays.

    The rows come as kernels take them, float64 and C-contiguous, whatever x is. Raises ValueError where x has not
    ``n_features`` columns: kernels check no bounds.
    """
    if x.ndim != 2 or x.shape[1] != n_features:
        raise ValueError(f"rows of {n_features} features were expected, not an array of shape {x.shape}")

    as_they_are = x.dtype == np.float64 and x.flags.c_contiguous

    def on(start: int, stop: int) -> None:
        at_once = stop - start if as_they_are else ROWS_CONVERTED_AT_ONCE
        for first in range(start, stop, max(1, at_once)):
            last = min(first + at_once, stop)
            work(np.ascontiguousarray(x[first:last], dtype=np.float64), first, last)

    n_rows = len(x)
    workers = min(threads(), -(-n_rows // rows_at_once))
    if workers <= 1:
        on(0, n_rows)
        return
    starts = range(0, n_rows, rows_at_once)
    with ThreadPoolExecutor(workers) as pool:
        for done in [pool.submit(on, start, min(start + rows_at_once, n_rows)) for start in starts]:
            done.result()
