"""Time series as machines give them, some with anomalies of known kinds at known places."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from data_platform.domain.synthetic.spec import require

Values = NDArray[np.float64]

DAY, WEEK = timedelta(days=1), timedelta(days=7)
FEWEST_POINTS = 60  # three anomalies need room, and normal points around them
MOST_ANOMALIES = 3  # per series
DECIMALS = 4


class AnomalyKind(StrEnum):
    SPIKE = "spike"
    DIP = "dip"
    LEVEL_SHIFT = "level_shift"
    DRIFT = "drift"
    VARIANCE = "variance"
    MISSING = "missing"


# Kind: the range of lengths as shares of a series, and of sizes in standard deviations of its noise.
SHAPES: dict[AnomalyKind, tuple[tuple[float, float], tuple[float, float]]] = {
    AnomalyKind.SPIKE: ((0.0, 0.003), (8.0, 16.0)),
    AnomalyKind.DIP: ((0.0, 0.003), (8.0, 16.0)),
    AnomalyKind.LEVEL_SHIFT: ((0.04, 0.15), (5.0, 10.0)),
    AnomalyKind.DRIFT: ((0.08, 0.2), (6.0, 12.0)),
    AnomalyKind.VARIANCE: ((0.04, 0.15), (3.0, 6.0)),
    AnomalyKind.MISSING: ((0.01, 0.05), (0.0, 0.0)),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class SeriesSpec:
    """``anomaly_ratio`` is the share of series with anomalies. Raises InvalidSpec."""

    n_series: int
    n_points: int
    anomaly_ratio: float
    step: timedelta = timedelta(minutes=1)
    start: datetime = datetime(2024, 1, 1)
    seed: int = 0

    def __post_init__(self) -> None:
        require(self.n_series >= 1, f"{self.n_series} series.", "Ask for 1 or more.")
        require(
            self.n_points >= FEWEST_POINTS,
            f"{self.n_points} points.",
            f"Ask for {FEWEST_POINTS} or more per series.",
        )
        require(
            0 <= self.anomaly_ratio <= 1,
            f"An anomaly ratio of {self.anomaly_ratio}.",
            "Give a share in [0, 1].",
        )
        require(self.step > timedelta(0), f"A step of {self.step}.", "Give a positive duration, such as 1m.")
        require(self.seed >= 0, f"A seed of {self.seed}.", "Give 0 or more.")
        years = self.n_points * self.step.total_seconds() / (365.25 * 86_400)
        require(years < 5_000, f"{years:,.0f} years of points.", "Ask for fewer points or a smaller step.")

    def name(self, index: int) -> str:
        return f"series_{index:0{max(4, len(str(self.n_series - 1)))}d}"

    def anomalous(self, random: np.random.Generator) -> frozenset[int]:
        """Which series have anomalies."""
        n = round(self.anomaly_ratio * self.n_series)
        return frozenset(random.permutation(self.n_series)[:n].tolist())


@dataclass(frozen=True, slots=True)
class InjectedAnomaly:
    """Points ``first`` to ``last``, both included; ``size`` in standard deviations of the noise.

    For a change of variance it is the factor of the standard deviation, for missing points 0.
    """

    kind: AnomalyKind
    first: int
    last: int
    size: float


@dataclass(frozen=True, slots=True)
class SyntheticSeries:
    values: Values  # NaN where points are missing
    anomalies: tuple[InjectedAnomaly, ...]

    @property
    def is_anomaly(self) -> NDArray[np.bool_]:
        flags = np.zeros(len(self.values), dtype=np.bool_)
        for anomaly in self.anomalies:
            flags[anomaly.first : anomaly.last + 1] = True
        return flags

    @property
    def kinds(self) -> NDArray[Any]:
        """The kind of anomaly at each point, or normal."""
        names = np.full(len(self.values), "normal", dtype=object)
        for anomaly in self.anomalies:
            names[anomaly.first : anomaly.last + 1] = anomaly.kind.value
        return names


def synthetic_series(spec: SeriesSpec, random: np.random.Generator, *, anomalous: bool) -> SyntheticSeries:
    """One series: a baseline with trend, daily and weekly season and noise, and one to three anomalies."""
    level = float(np.exp(random.uniform(np.log(10), np.log(1_000))))
    noise_width = level * random.uniform(0.01, 0.04)
    noise = random.normal(0, noise_width, spec.n_points)
    smooth = _baseline(spec, level, random)
    anomalies = _placed(spec.n_points, random) if anomalous else ()
    values = smooth + noise
    for anomaly in anomalies:
        _inject(values, noise, anomaly, noise_width=noise_width)
    return SyntheticSeries(np.round(values, DECIMALS), anomalies)


def _baseline(spec: SeriesSpec, level: float, random: np.random.Generator) -> Values:
    share = np.arange(spec.n_points) / spec.n_points
    trend = level * random.normal(0, 0.05) * share
    return (
        level
        + trend
        + sum(
            _season(spec, level * random.uniform(low, high), cycle, random)
            for cycle, low, high in ((DAY, 0.05, 0.3), (WEEK, 0.0, 0.1))
        )
    )


def _season(spec: SeriesSpec, amplitude: float, cycle: timedelta, random: np.random.Generator) -> Values:
    """A wave and its first overtone."""
    angle = 2 * np.pi * np.arange(spec.n_points) * (spec.step / cycle) + random.uniform(0, 2 * np.pi)
    wave: Values = amplitude * (
        np.sin(angle) + random.uniform(0, 0.5) * np.sin(2 * angle + random.uniform(0, 2 * np.pi))
    )
    return wave


def _placed(n_points: int, random: np.random.Generator) -> tuple[InjectedAnomaly, ...]:
    """Anomalies that do not touch: each lies in a stretch of its own."""
    kinds: Sequence[AnomalyKind] = list(AnomalyKind)
    n = int(random.integers(1, MOST_ANOMALIES + 1))
    edges = np.linspace(0, n_points, n + 1).astype(int)
    placed = []
    for low, high in pairwise(edges):
        kind = kinds[int(random.integers(len(kinds)))]
        lengths, sizes = SHAPES[kind]
        length = min(max(1, round(float(random.uniform(*lengths)) * n_points)), int(high - low) - 2)
        first = int(random.integers(low + 1, high - length))
        placed.append(
            InjectedAnomaly(kind, first, first + length - 1, round(float(random.uniform(*sizes)), 3))
        )
    return tuple(placed)


def _inject(values: Values, noise: Values, anomaly: InjectedAnomaly, *, noise_width: float) -> None:
    at = slice(anomaly.first, anomaly.last + 1)
    n = anomaly.last + 1 - anomaly.first
    shift = anomaly.size * noise_width
    match anomaly.kind:
        case AnomalyKind.SPIKE | AnomalyKind.LEVEL_SHIFT:
            values[at] += shift
        case AnomalyKind.DIP:
            values[at] -= shift
        case AnomalyKind.DRIFT:
            values[at] += shift * np.arange(1, n + 1) / n
        case AnomalyKind.VARIANCE:
            values[at] += (anomaly.size - 1) * noise[at]
        case AnomalyKind.MISSING:
            values[at] = np.nan
