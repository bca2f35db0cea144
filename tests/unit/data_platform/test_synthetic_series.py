"""Series look as asked for, and their anomalies lie where the labels say."""

from datetime import timedelta

import numpy as np
import pytest

from data_platform.domain.synthetic.series import AnomalyKind, SeriesSpec, SyntheticSeries, synthetic_series
from data_platform.domain.synthetic.spec import InvalidSpec

SPEC = SeriesSpec(n_series=200, n_points=1_440, anomaly_ratio=0.3)


def series(seed: int, *, anomalous: bool, spec: SeriesSpec = SPEC) -> SyntheticSeries:
    return synthetic_series(spec, np.random.default_rng(seed), anomalous=anomalous)


MANY = [series(seed, anomalous=True) for seed in range(80)]


def test_the_asked_share_of_series_has_anomalies() -> None:
    assert len(SPEC.anomalous(np.random.default_rng(0))) == 60


def test_a_normal_series_has_no_label_and_no_gap() -> None:
    normal = series(0, anomalous=False)
    assert not normal.is_anomaly.any()
    assert np.isfinite(normal.values).all()
    assert set(normal.kinds) == {"normal"}


def test_every_kind_occurs_and_labels_cover_just_the_anomalies() -> None:
    assert {a.kind for s in MANY for a in s.anomalies} == set(AnomalyKind)
    for s in MANY:
        assert s.is_anomaly.sum() == sum(a.last - a.first + 1 for a in s.anomalies)


def test_gaps_are_where_points_are_said_to_be_missing() -> None:
    for s in MANY:
        missing = np.concatenate(
            [
                np.arange(0),
                *[np.arange(a.first, a.last + 1) for a in s.anomalies if a.kind is AnomalyKind.MISSING],
            ]
        )
        assert np.flatnonzero(np.isnan(s.values)).tolist() == missing.tolist()


@pytest.mark.parametrize(
    ("kind", "sign"), [(AnomalyKind.SPIKE, 1), (AnomalyKind.DIP, -1), (AnomalyKind.LEVEL_SHIFT, 1)]
)
def test_what_is_injected_moves_the_values_to_its_side(kind: AnomalyKind, sign: int) -> None:
    moves = [
        sign * (s.values[a.first] - s.values[a.first - 1])
        for s in MANY
        for a in s.anomalies
        if a.kind is kind
    ]
    assert np.median(moves) > 0


def test_days_repeat() -> None:
    spec = SeriesSpec(n_series=1, n_points=24 * 28, anomaly_ratio=0, step=timedelta(hours=1))
    values = series(3, anomalous=False, spec=spec).values
    day_to_day = np.corrcoef(values[24:], values[:-24])[0, 1]
    half_day = np.corrcoef(values[12:], values[:-12])[0, 1]
    assert day_to_day > 0.8
    assert day_to_day > half_day


@pytest.mark.parametrize("points", [60, 61, 100])
def test_short_series_hold_their_anomalies_too(points: int) -> None:
    spec = SeriesSpec(n_series=1, n_points=points, anomaly_ratio=1)
    for seed in range(40):
        for anomaly in series(seed, anomalous=True, spec=spec).anomalies:
            assert 0 < anomaly.first <= anomaly.last < points


@pytest.mark.parametrize(
    "wrong",
    [{"n_series": 0}, {"n_points": 3}, {"anomaly_ratio": 1.5}, {"anomaly_ratio": float("nan")}, {"step": timedelta(0)}, {"seed": -1}, {"step": timedelta(days=9999)}],
)  # fmt: skip
def test_what_cannot_be_generated_is_refused(wrong: dict[str, object]) -> None:
    asked: dict[str, object] = {"n_series": 3, "n_points": 1_000, "anomaly_ratio": 0.1}
    with pytest.raises(InvalidSpec):
        SeriesSpec(**(asked | wrong))  # type: ignore[arg-type]  # wrong on purpose
