"""A table file with outliers of known kinds."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl

from data_platform.application.ports import RowSink
from data_platform.domain.synthetic.table import Mixture, TableSpec

NORMAL = "normal"
CELLS_AT_ONCE = 1_000_000


@dataclass(frozen=True, slots=True)
class GenerateTable:
    """Writes columns x0, x1, ..., label (1 outlier, 0 normal) and kind; the same spec gives the same rows."""

    open_sink: Callable[..., RowSink]

    def __call__(
        self,
        path: Path,
        spec: TableSpec,
        *,
        force: bool = False,
        advance: Callable[[int], None] = lambda rows: None,
    ) -> int:
        """How many rows are outliers. Raises what opening and writing the file raise."""
        random = np.random.default_rng(spec.seed)
        mixture = Mixture.drawn(spec.n_features, random)
        outliers = spec.outlier_rows(random)
        rows_at_once = max(1, CELLS_AT_ONCE // spec.n_features)
        with self.open_sink(path, force=force) as sink:
            for first in range(0, spec.n_rows, rows_at_once):
                n_rows = min(rows_at_once, spec.n_rows - first)
                here = outliers[np.searchsorted(outliers, first) : np.searchsorted(outliers, first + n_rows)]
                sink.write(_rows(spec, mixture, random, n_rows=n_rows, outliers=here - first))
                advance(n_rows)
        return len(outliers)


def _rows(
    spec: TableSpec,
    mixture: Mixture,
    random: np.random.Generator,
    *,
    n_rows: int,
    outliers: np.ndarray[tuple[int], np.dtype[np.int64]],
) -> pl.DataFrame:
    values = mixture.normal(n_rows, random)
    kinds = np.full(n_rows, NORMAL, dtype=object)
    drawn = random.integers(len(spec.kinds), size=len(outliers))
    for i, kind in enumerate(spec.kinds):
        at = outliers[drawn == i]
        values[at] = mixture.outliers(kind, len(at), random)
        kinds[at] = kind.value
    labels = (kinds != NORMAL).astype(np.int64)
    columns = [pl.Series(f"x{j}", values[:, j]) for j in range(spec.n_features)]
    return pl.DataFrame([*columns, pl.Series("label", labels), pl.Series("kind", kinds, dtype=pl.String)])
