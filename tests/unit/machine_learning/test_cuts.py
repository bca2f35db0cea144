"""What an evaluation keeps tells what any alert rate flags."""

import numpy as np
import pytest

from anomaly_detection.api import FLAGGED, rate_at_score, scores_at
from machine_learning.domain.cuts import EXACT, MOST_CUTS, Cuts
from machine_learning.domain.evaluation import Confusion
from machine_learning.domain.score_curve import ScoreCurve

RNG = np.random.default_rng(0)
RATES = (1e-6, 0.001, 0.0123, 0.05, 0.2, 0.5)


def rows(number: int, *, ties: int = 0) -> tuple[np.ndarray, np.ndarray]:
    shares = RNG.uniform(1e-9, 1, number)
    if ties:
        shares = np.ceil(shares * ties) / ties
    return shares, RNG.uniform(size=number) < np.where(shares < 0.05, 0.6, 0.002)


def counted(rate: float, shares: np.ndarray, labels: np.ndarray) -> Confusion:
    return Confusion.of(scores_at(rate, shares) >= FLAGGED, labels)


@pytest.mark.parametrize(("number", "ties"), [(2, 0), (3_000, 0), (MOST_CUTS, 0), (50_000, 900)])
def test_counts_are_exact_at_any_rate(number: int, ties: int) -> None:
    shares, labels = rows(number, ties=ties)
    cuts = Cuts.of(shares, labels)
    for rate in (*RATES, *shares[shares < 0.5][:20].tolist()):
        assert cuts.at(rate) == counted(rate, shares, labels)


def test_after_moves_upon_moves_the_curve_is_that_of_the_rows() -> None:
    shares, labels = rows(3_000)
    cuts, rate = Cuts.of(shares, labels), 0.01
    for score in (0.55, 0.9, 0.72, 0.83):
        rate = rate_at_score(rate, score)
        assert cuts.curve(rate) == ScoreCurve.of(scores_at(rate, shares), labels)
        assert cuts.at(rate) == counted(rate, shares, labels)


def test_what_a_threshold_would_flag_is_flagged_once_it_is_applied() -> None:
    shares, labels = rows(2_000, ties=2_000)
    cuts = Cuts.of(shares, labels)
    for rate in (0.05, 0.1):
        for score in range(45, 100):
            assert cuts.curve(rate).at(score / 100) == cuts.at(rate_at_score(rate, score / 100))


@pytest.mark.parametrize("ties", [0, 10_000])
def test_of_many_rows_hardly_any_flagged_one_is_missing_and_none_of_the_rarest(ties: int) -> None:
    shares, labels = rows(300_000, ties=ties)
    cuts = Cuts.of(shares, labels)
    assert len(cuts.rarities) <= MOST_CUTS
    assert cuts.at(0.5).true_positives + cuts.at(0.5).false_negatives == labels.sum()
    for rate in (*RATES, *RNG.uniform(0, 0.5, 200).tolist()):
        found, true = cuts.at(rate), counted(rate, shares, labels)
        flagged = true.true_positives + true.false_positives
        missing = flagged - found.true_positives - found.false_positives
        assert 0 <= missing <= 0.005 * flagged
        assert missing == 0 or flagged > EXACT


def test_they_take_little_room_and_come_back_as_they_were() -> None:
    cuts = Cuts.of(*rows(300_000))
    assert len(cuts.packed) < 100_000
    back = Cuts.unpacked(cuts.packed)
    for name in ("rarities", "true_positives", "false_positives"):
        assert (getattr(back, name) == getattr(cuts, name)).all()
