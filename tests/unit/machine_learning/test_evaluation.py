import numpy as np
import pytest
from sklearn.metrics import average_precision_score, roc_auc_score

from machine_learning.domain.evaluation import Confusion, at_threshold, evaluate
from machine_learning.domain.ranking import OneClassOnly, Ranking

RNG = np.random.default_rng(0)
LABELS = RNG.uniform(size=2000) < 0.1
SCORES = np.asarray(np.round(RNG.normal(size=2000) + 1.5 * LABELS, 1), dtype=np.float64)  # rounded: many ties


def test_areas_equal_scikit_learns_on_scores_with_ties() -> None:
    ranking = Ranking.of(SCORES, LABELS)
    assert ranking.auroc() == pytest.approx(roc_auc_score(LABELS, SCORES))
    assert ranking.average_precision() == pytest.approx(average_precision_score(LABELS, SCORES))


def test_weights_count_rows_as_often_as_they_say() -> None:
    weights = RNG.integers(0, 4, 2000).astype(float)
    ranking = Ranking.of(SCORES, LABELS)
    ordered = weights[ranking.order]
    assert ranking.auroc(ordered) == pytest.approx(roc_auc_score(LABELS, SCORES, sample_weight=weights))
    expected = average_precision_score(LABELS, SCORES, sample_weight=weights)
    assert ranking.average_precision(ordered) == pytest.approx(expected)


def test_precision_at_k_counts_ties_by_their_share() -> None:
    ranking = Ranking.of(np.array([3.0, 2.0, 2.0, 1.0]), np.array([True, True, False, False]))
    assert ranking.precision_at(1) == 1
    assert ranking.precision_at(2) == pytest.approx(0.75)


def test_an_evaluation_holds_the_counts_at_the_threshold_and_intervals_around_the_values() -> None:
    found = evaluate(SCORES, SCORES > 2, LABELS, seed=0)
    confusion = found.confusion
    assert confusion == Confusion.of(SCORES > 2, LABELS)
    assert confusion.true_positives + confusion.false_negatives == found.anomalies == LABELS.sum()
    assert found.precision.value == confusion.true_positives / (SCORES > 2).sum()
    assert found.recall.value == confusion.true_positives / LABELS.sum()
    for name in ("auroc", "average_precision", "precision_at_k", "precision", "recall", "f1", "alert_rate"):
        estimate = getattr(found, name)
        assert 0 <= estimate.low < estimate.value < estimate.high <= 1


def test_a_detector_that_flags_nothing_has_recall_and_f1_of_zero() -> None:
    found = evaluate(SCORES, np.zeros(2000, dtype=bool), LABELS, seed=0)
    assert (found.recall.value, found.f1.value, found.precision.value) == (0, 0, 0)


def test_the_same_seed_gives_the_same_intervals() -> None:
    assert evaluate(SCORES, SCORES > 2, LABELS, seed=1) == evaluate(SCORES, SCORES > 2, LABELS, seed=1)


@pytest.mark.parametrize("labels", [np.zeros(5, dtype=bool), np.ones(5, dtype=bool)])
def test_labels_of_one_class_are_refused(labels: np.ndarray) -> None:
    with pytest.raises(OneClassOnly):
        Ranking.of(np.arange(5.0), labels)


def test_counts_alone_give_the_measures_at_a_threshold_with_the_intervals_of_the_bootstrap() -> None:
    flagged = SCORES > 1.5
    whole = evaluate(SCORES, flagged, LABELS, seed=0)
    for name, found in at_threshold(Confusion.of(flagged, LABELS), seed=1).items():
        expected = getattr(whole, name)
        assert found.value == pytest.approx(expected.value)
        assert (found.low, found.high) == pytest.approx((expected.low, expected.high), abs=0.02)


def test_where_nothing_is_flagged_precision_is_nothing_and_certain() -> None:
    found = at_threshold(Confusion(0, 0, 5, 10), seed=0)
    assert (found["precision"].value, found["recall"].high) == (0, 0)
