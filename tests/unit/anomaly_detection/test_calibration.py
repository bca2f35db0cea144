import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from anomaly_detection.domain.calibration import ScoreCalibration
from anomaly_detection.domain.severity import FLAGGED, CutOffsOutOfOrder, Severity, SeverityCutOffs
from anomaly_detection.domain.tail import ParetoTail

DISTINCT = np.random.default_rng(0).permutation(np.arange(1000.0))
score_arrays = arrays(
    np.float64,
    st.integers(10, 300),
    elements=st.floats(-1e6, 1e6, allow_nan=False).map(lambda v: round(v, 3)),
)


@pytest.mark.parametrize(
    ("rarity", "score"), [(1, 0.8), (4, 0.9), (16, 0.95), (0.5, 1 - 0.2 * np.sqrt(2)), (100, 0.98)]
)
def test_scores_above_the_alert_rate_tell_how_much_rarer_a_row_is(rarity: float, score: float) -> None:
    calibration = ScoreCalibration.fit(DISTINCT, 0.1)
    raw = 1000 - 1000 * 0.1 / rarity  # this many rows of 1000 score at least as high
    if rarity >= 1:
        assert calibration.calibrated(np.array([raw]))[0] == pytest.approx(score)
    else:
        assert calibration.calibrated(np.array([raw]))[0] == pytest.approx(0.8 * (1 - 0.2) / (1 - 0.1))


@pytest.mark.parametrize("contamination", [0.001, 0.02, 0.1, 0.137, 0.5])
def test_the_contamination_share_of_the_training_rows_is_flagged(contamination: float) -> None:
    calibration = ScoreCalibration.fit(DISTINCT, contamination)
    flagged = calibration.calibrated(DISTINCT) >= FLAGGED
    assert flagged.sum() == int(contamination * 1000 + 1e-9)
    np.testing.assert_array_equal(flagged, calibration.threshold <= DISTINCT)


def test_rows_that_tie_at_the_threshold_are_not_flagged_beyond_the_contamination() -> None:
    scores = np.repeat([0.0, 1.0, 2.0], [90, 8, 2])
    flagged = ScoreCalibration.fit(scores, 0.05).calibrated(scores) >= FLAGGED
    assert flagged.sum() == 2


def test_beyond_the_highest_training_score_scores_still_rise_towards_one() -> None:
    calibration = ScoreCalibration.fit(np.random.default_rng(1).normal(size=5000), 0.01)
    scores = calibration.calibrated(np.array([4.0, 5.0, 6.0, 8.0, 1e9]))
    assert (np.diff(scores) > 0).all()
    assert scores[-1] <= 1
    assert scores[-1] > 0.999


def test_the_alert_rate_is_never_below_a_tenth_of_a_row() -> None:
    calibration = ScoreCalibration.fit(DISTINCT, 0.0)
    assert calibration.alert_rate == pytest.approx(1 / 10_000)
    assert not (calibration.calibrated(DISTINCT) >= FLAGGED).any()
    assert calibration.calibrated(np.array([calibration.threshold]))[0] == pytest.approx(FLAGGED)


def test_equal_scores_flag_nothing() -> None:
    scores = np.full(50, 3.0)
    calibration = ScoreCalibration.fit(scores, 0.1)
    assert not (calibration.calibrated(scores) >= FLAGGED).any()


def test_another_alert_rate_maps_the_same_tail_anew() -> None:
    one = ScoreCalibration.fit(DISTINCT, 0.1)
    np.testing.assert_allclose(
        one.with_alert_rate(0.3).calibrated(DISTINCT),
        ScoreCalibration.fit(DISTINCT, 0.3).calibrated(DISTINCT),
    )


def test_many_scores_are_thinned_but_their_highest_kept_exactly() -> None:
    scores = np.random.default_rng(2).gamma(2.0, size=100_000)
    calibration = ScoreCalibration.fit(scores, 0.01)
    assert len(calibration.knots) < 5000
    assert (calibration.calibrated(scores) >= FLAGGED).sum() == 1000
    exact = np.argsort(np.argsort(-scores)) / len(scores)
    assert np.abs(calibration.tail_probability(scores) - exact).max() < 1e-3


@given(score_arrays, st.floats(0.001, 0.5))
def test_a_higher_raw_score_never_gets_a_lower_calibrated_one(raw: np.ndarray, rate: float) -> None:
    calibration = ScoreCalibration.fit(raw, rate)
    asked = np.sort(np.concatenate([raw, raw + 0.5, raw * 3]))
    scores = calibration.calibrated(asked)
    assert (np.diff(scores) >= 0).all()
    assert scores.min() >= 0
    assert scores.max() <= 1
    assert (calibration.calibrated(raw) >= FLAGGED).mean() <= max(rate, 1 / (10 * len(raw))) + 1e-9


@given(score_arrays, st.floats(0.001, 0.5))
def test_stored_arrays_give_the_same_scores(raw: np.ndarray, rate: float) -> None:
    calibration = ScoreCalibration.fit(raw, rate)
    again = ScoreCalibration.restore(calibration.arrays())
    asked = np.concatenate([raw, raw + 10])
    np.testing.assert_array_equal(again.calibrated(asked), calibration.calibrated(asked))


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("knots", [np.nan, 1.0, 2.0]),
        ("knots", [2.0, 1.0, 3.0]),
        ("knots", [1.0, 2.0]),
        ("shares", [1.0, np.inf, 0.1]),
        ("shares", [0.5, 0.7, 0.1]),
        ("shares", [1.0, 0.5, 0.0]),
        ("tail", [0.0, 0.1, -1.0, 0.1]),
        ("tail", [0.0, 0.1, 1.0, np.nan]),
        ("tail", [0.0, 0.1]),
    ],
)
def test_arrays_that_are_no_tail_function_are_refused(name: str, values: list[float]) -> None:
    good = {
        "knots": np.array([1.0, 2.0, 3.0]),
        "shares": np.array([1.0, 0.5, 0.1]),
        "tail": np.array([2.0, 0.1, 1.0, 0.1]),
    }
    with pytest.raises(ValueError):
        ScoreCalibration.restore(good | {name: np.array(values)})


def test_the_tail_finds_the_shape_it_was_drawn_from() -> None:
    rng = np.random.default_rng(3)
    shape, scale = 0.25, 2.0
    excesses = scale / shape * (rng.uniform(size=200_000) ** -shape - 1)
    tail = ParetoTail.fit(excesses)
    assert tail.shape == pytest.approx(shape, abs=0.05)
    assert tail.survival(np.array([tail.start]), beyond=tail.start)[0] == 1
    beyond = tail.start + 5
    expected = (excesses > beyond + 10).mean() / (excesses > beyond).mean()
    assert tail.survival(np.array([beyond + 10]), beyond=beyond)[0] == pytest.approx(expected, rel=0.1)


@pytest.mark.parametrize("p", [1.0, 0.5, 0.01, 1e-6])
@pytest.mark.parametrize("shape", [0.0, 0.3])
def test_the_inverse_tail_undoes_the_tail(p: float, shape: float) -> None:
    tail = ParetoTail(start=1.0, shape=shape, scale=2.0)
    score = tail.inverse_survival(p, beyond=3.0)
    assert tail.survival(np.array([score]), beyond=3.0)[0] == pytest.approx(p)


@pytest.mark.parametrize(
    ("score", "severity"),
    [
        (0.0, "none"),
        (0.49, "none"),
        (0.5, "low"),
        (0.79, "low"),
        (0.8, "medium"),
        (0.9, "high"),
        (0.95, "critical"),
    ],
)
def test_severities_begin_at_their_cut_offs(score: float, severity: str) -> None:
    assert SeverityCutOffs().of(score) == Severity(severity)


@pytest.mark.parametrize("cut_offs", [(0.8, 0.9, 0.95), (0.5, 0.8, 0.95), (0.5, 0.95, 0.9), (0.5, 0.9, 1.0)])
def test_cut_offs_that_do_not_ascend_are_refused(cut_offs: tuple[float, float, float]) -> None:
    with pytest.raises(CutOffsOutOfOrder):
        SeverityCutOffs(*cut_offs)
