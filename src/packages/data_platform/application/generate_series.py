"""A folder of time series with known anomalies: one table in long form and a manifest of what was injected."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from data_platform.application.ports import OutputFolder, RowSink
from data_platform.domain.synthetic.series import SeriesSpec, SyntheticSeries, synthetic_series

ROWS_AT_ONCE = 65_536
MANIFEST = "manifest.json"
SCHEMA = "anom.synthetic_series/1"


@dataclass(frozen=True, slots=True)
class GenerateSeries:
    """Writes ``series.parquet`` or ``.csv`` (timestamp, series, value, is_anomaly, kind) and ``manifest.json``.

    Memory does not grow with the number of series; the same spec gives the same bytes.
    """

    open_sink: Callable[..., RowSink]
    open_folder: Callable[..., OutputFolder]

    def __call__(
        self,
        folder: Path,
        spec: SeriesSpec,
        *,
        form: str = "parquet",
        force: bool = False,
        advance: Callable[[int], None] = lambda series: None,
    ) -> Mapping[str, Any]:
        """The manifest. Raises Conflict for a folder with files unless ``force``, and Unwritable."""
        anomalous = spec.anomalous(np.random.default_rng(spec.seed))
        manifest = _manifest(spec, len(anomalous), f"series.{form}")
        stamps = pl.datetime_range(
            spec.start, spec.start + spec.step * (spec.n_points - 1), interval=spec.step, eager=True
        )
        with self.open_folder(folder, force=force) as written:
            with self.open_sink(written.path / f"series.{form}", force=True) as sink:
                held: list[pl.DataFrame] = []
                for index in range(spec.n_series):
                    random = np.random.default_rng([spec.seed, index])
                    series = synthetic_series(spec, random, anomalous=index in anomalous)
                    manifest["anomalies"] += _injected(series, spec.name(index), stamps)
                    held.append(_frame(series, spec.name(index), stamps))
                    if len(held) * spec.n_points >= ROWS_AT_ONCE or index == spec.n_series - 1:
                        sink.write(pl.concat(held))
                        held.clear()
                    advance(1)
            written.write_json(MANIFEST, manifest)
        return manifest


def _frame(series: SyntheticSeries, name: str, stamps: pl.Series) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "timestamp": stamps,
            "series": pl.repeat(name, len(stamps), eager=True),
            "value": pl.Series(series.values, nan_to_null=True),
            "is_anomaly": series.is_anomaly.astype(np.int8),
            "kind": pl.Series(series.kinds, dtype=pl.String),
        }
    )


def _manifest(spec: SeriesSpec, anomalous: int, file: str) -> dict[str, Any]:
    return {
        "schema": SCHEMA,
        "file": file,
        "n_series": spec.n_series,
        "n_points": spec.n_points,
        "step_seconds": spec.step.total_seconds(),
        "start": spec.start.isoformat(),
        "seed": spec.seed,
        "anomaly_ratio": spec.anomaly_ratio,
        "series_with_anomalies": anomalous,
        "anomalies": [],
    }


def _injected(series: SyntheticSeries, name: str, stamps: pl.Series) -> list[dict[str, Any]]:
    return [
        {
            "series": name,
            "kind": anomaly.kind.value,
            "start": stamps[anomaly.first].isoformat(),
            "end": stamps[anomaly.last].isoformat(),
            "first_point": anomaly.first,
            "last_point": anomaly.last,
            "size": anomaly.size,
        }
        for anomaly in series.anomalies
    ]
