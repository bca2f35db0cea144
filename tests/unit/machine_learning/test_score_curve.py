import numpy as np
import pytest
from scipy.stats import binomtest

from machine_learning.domain.evaluation import Confusion
from machine_learning.domain.score_curve import Costs, ScoreCurve, wilson

RNG = np.random.default_rng(0)
LABELS = RNG.uniform(size=5000) < 0.1
SCORES = np.clip(RNG.uniform(size=5000) * 0.7 + 0.3 * LABELS, 0, 1)
CURVE = ScoreCurve.of(SCORES, LABELS)
COSTS = Costs(false_positive=1, false_negative=20)


def test_at_every_hundredth_the_counts_are_exact() -> None:
    for number in range(101):
        flagged = number / 100 <= SCORES
        assert CURVE.at(number / 100) == Confusion.of(flagged, LABELS)


def test_between_two_thresholds_the_next_higher_one_counts() -> None:
    curve = ScoreCurve.of(np.array([0.105, 0.5]), np.array([False, True]))
    assert curve.at(0.1) == Confusion(1, 1, 0, 0)
    assert curve.at(0.101) == Confusion(1, 0, 0, 1)


def test_it_stays_small_and_runs_from_nothing_flagged_to_everything() -> None:
    assert len(CURVE.thresholds) <= 200
    assert (CURVE.thresholds[0], CURVE.thresholds[-1]) == (1.0, 0.0)
    assert (CURVE.anomalies, CURVE.normal, CURVE.rows) == (LABELS.sum(), (~LABELS).sum(), 5000)


def test_a_few_anomalies_each_have_their_own_threshold() -> None:
    labels = np.zeros(5000, dtype=bool)
    labels[:30] = True
    curve = ScoreCurve.of(SCORES, labels)
    assert set(SCORES[:30].tolist()) <= set(curve.thresholds)
    assert len(set(curve.true_positives)) == 31


def test_cost_counts_both_errors_per_1000_rows() -> None:
    found = Confusion.of(SCORES >= 0.5, LABELS)
    expected = (found.false_positives + 20 * found.false_negatives) / 5
    assert CURVE.cost(0.5, COSTS) == pytest.approx(expected)


def test_the_cheapest_threshold_costs_least_and_brings_the_fewest_alerts() -> None:
    cheapest = CURVE.cheapest(COSTS)
    assert CURVE.cost(cheapest, COSTS) == min(CURVE.cost(number / 100, COSTS) for number in range(101))
    assert CURVE.cheapest(Costs(false_positive=1, false_negative=0)) == 1.0
    assert CURVE.cheapest(Costs(false_positive=0, false_negative=0)) == 1.0


@pytest.mark.parametrize(("part", "whole"), [(0, 5), (3, 5), (5, 5), (120, 1000)])
def test_wilson_intervals_equal_scipys(part: int, whole: int) -> None:
    low, high = wilson(np.array([float(part)]), np.array([float(whole)]))
    expected = binomtest(part, whole).proportion_ci(method="wilson")
    assert (low[0], high[0]) == pytest.approx((expected.low, expected.high), abs=1e-12)
