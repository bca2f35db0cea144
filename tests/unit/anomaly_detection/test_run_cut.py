"""Cutting rows by their tail probabilities."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from anomaly_detection.domain.calibration import scores_at
from anomaly_detection.domain.rank_correlation import mean_ranks, rank_correlation
from anomaly_detection.domain.runs.cut import (
    InvalidThreshold,
    RarityRange,
    SeverityCount,
    flagged_upto,
    rarest_rows,
    rarity_between,
    rarity_of_severity,
    rate_at_score,
    rate_of_share,
)
from anomaly_detection.domain.severity import FLAGGED, Severity, SeverityCutOffs

CUT_OFFS = SeverityCutOffs()
RATES = st.floats(1e-9, 0.5)
SHARES = st.lists(st.integers(1, 1_000), min_size=1, max_size=60).map(lambda n: np.array(n) / 1_000)


def within(p: np.ndarray, found: RarityRange) -> np.ndarray:
    above = -1.0 if found.above is None else found.above
    upto = 2.0 if found.upto is None else found.upto
    return (p > above) & (p <= upto)


@given(rate=RATES, p=SHARES)
def test_each_row_lies_in_the_range_of_its_severity_alone(rate: float, p: np.ndarray) -> None:
    ranks = CUT_OFFS.ranks(scores_at(rate, p))
    for severity in Severity:
        inside = within(p, rarity_of_severity(rate, severity, CUT_OFFS))
        assert inside.tolist() == (ranks == severity.rank).tolist()


@given(k=st.integers(1, 500), p=SHARES)
def test_rows_right_on_a_cut_off_are_where_their_score_says(k: int, p: np.ndarray) -> None:
    rate = k / 1_000  # so that rows lie on 0.8, 0.9 and 0.95
    assert (p <= flagged_upto(rate)).tolist() == (scores_at(rate, p) >= FLAGGED).tolist()
    for cut_off in (0.5, 0.9, 0.95):
        inside = within(p, rarity_between(rate, lowest=cut_off, highest=None))
        assert inside.tolist() == (scores_at(rate, p) >= cut_off).tolist()
        outside = within(p, rarity_between(rate, lowest=None, highest=cut_off))
        assert outside.tolist() == (scores_at(rate, p) <= cut_off).tolist()


@given(p=SHARES, share=st.floats(0.001, 0.5))
def test_a_share_of_rows_is_never_exceeded_and_ties_stay_together(p: np.ndarray, share: float) -> None:
    try:
        rate = rate_of_share([p], share)
    except InvalidThreshold:
        return
    flagged = p <= flagged_upto(rate)
    assert flagged.sum() <= share * len(p) + 1e-9
    one_more = np.sort(p)[int(flagged.sum())]
    assert (p <= one_more).sum() > int(share * len(p) * (1 + 1e-12)) or one_more > 0.5


@given(rate=st.floats(0.001, 0.1), score=st.floats(0.8, 0.99))
def test_a_score_means_the_same_row_at_the_rate_it_gives(rate: float, score: float) -> None:
    moved = rate_at_score(rate, score)
    assert scores_at(rate, np.array([moved]))[0] == pytest.approx(score)
    assert scores_at(moved, np.array([moved]))[0] == FLAGGED


@pytest.mark.parametrize("rate", [0.0, 1e-13, 0.51])
def test_a_rate_beyond_its_bounds_is_refused(rate: float) -> None:
    with pytest.raises(InvalidThreshold):
        rate_at_score(rate, FLAGGED)


def test_the_rarest_rows_come_first_and_ties_in_row_order_whatever_the_batches() -> None:
    p = np.array([0.5, 0.1, 0.5, 0.01, 0.1])
    assert rarest_rows([p], 4).tolist() == [3, 1, 4, 0]
    assert rarest_rows([p[:2], p[2:]], 4).tolist() == [3, 1, 4, 0]


def test_counts_add_up_over_batches() -> None:
    count = SeverityCount(CUT_OFFS)
    for p in (np.array([0.001, 0.9]), np.array([0.04, 0.1])):
        count.add(0.1, p)
    assert sum(count.by_severity.values()) == 4
    assert count.by_severity[Severity.MEDIUM] == 2


def test_rank_correlation_shares_ranks_among_ties() -> None:
    assert mean_ranks(np.array([3.0, 1.0, 3.0])).tolist() == [2.5, 1.0, 2.5]
    rising = np.array([1.0, 2.0, 3.0, 10.0])
    assert rank_correlation(rising, rising**3) == pytest.approx(1.0)
    assert rank_correlation(rising, -rising) == pytest.approx(-1.0)
    assert rank_correlation(rising, np.ones(4)) is None
