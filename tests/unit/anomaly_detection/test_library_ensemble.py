import numpy as np
import pytest
from numpy.typing import NDArray

from anomaly_detection.domain.algorithm import Cost
from anomaly_detection.domain.detector import ExplainsItself, InvalidParameter
from anomaly_detection.infrastructure.detectors.catalogue import detector

MEMBERS = "pca,cblof,one_class_svm"


@pytest.fixture
def rows() -> NDArray[np.float64]:
    rng = np.random.default_rng(0)
    x = rng.normal(size=(300, 5)) * np.array([1, 10, 100, 0.1, 1])
    x[0, 2] = 900
    return np.asarray(x)


@pytest.mark.parametrize("combination", ["mean", "max"])
def test_the_planted_row_scores_highest_and_its_feature_comes_first(
    rows: NDArray[np.float64], combination: str
) -> None:
    ensemble = detector("ensemble", {"members": MEMBERS, "combination": combination}, seed=0)

    scores = ensemble.fit(rows)

    assert isinstance(ensemble, ExplainsItself)
    assert scores.argmax() == 0
    assert ensemble.contributions(rows[:1]).argmax() == 2


@pytest.mark.parametrize("combination", ["mean", "max"])
def test_contributions_sum_to_the_score(rows: NDArray[np.float64], combination: str) -> None:
    ensemble = detector("ensemble", {"members": MEMBERS, "combination": combination}, seed=0)
    ensemble.fit(rows)

    assert isinstance(ensemble, ExplainsItself)
    np.testing.assert_allclose(ensemble.contributions(rows[:20]).sum(axis=1), ensemble.score(rows[:20]))


def test_a_mean_of_ranks_lies_between_its_members(rows: NDArray[np.float64]) -> None:
    """A row that half of the training rows outscore for every member scores ln 2."""
    ensemble = detector("ensemble", {"members": "pca,cblof"}, seed=0)

    scores = ensemble.fit(rows)

    assert scores.min() >= 0
    assert 0.5 < np.median(scores) < 1.0


def test_further_out_than_all_training_rows_still_scores_higher(rows: NDArray[np.float64]) -> None:
    ensemble = detector("ensemble", {"members": MEMBERS}, seed=0)
    ensemble.fit(rows)

    further = ensemble.score(rows[:1] * np.array([[1], [2], [4]]))

    assert (np.diff(further) > 0).all()


def test_stored_members_score_as_before(rows: NDArray[np.float64]) -> None:
    parameters = {"members": "isolation_forest,pyod:KNN,pca"}
    ensemble, restored = detector("ensemble", parameters, seed=0), detector("ensemble", parameters, seed=0)
    ensemble.fit(rows)

    restored.restore(ensemble.state())

    np.testing.assert_array_equal(restored.score(rows), ensemble.score(rows))


def test_a_slow_member_learns_from_a_sample(rows: NDArray[np.float64]) -> None:
    many = np.random.default_rng(1).normal(size=(Cost.QUADRATIC.max_fit_rows + 500, 2))
    ensemble = detector("ensemble", {"members": "dbscan,pca"}, seed=0)

    scores = ensemble.fit(many)

    assert len(scores) == len(many)
    assert len(ensemble.state().arrays["0.detector.cores"]) <= Cost.QUADRATIC.max_fit_rows


@pytest.mark.parametrize(
    ("members", "words"),
    [
        ("pca", "two or more"),
        ("pca,pca", "each once"),
        ("pca,cblofs", "Did you mean 'cblof'"),
        ("pca,ensemble", "ensemble cannot be a member"),
        ("pca,pyod:IForest", "can be stored"),
        ("", "no algorithm ''"),
    ],
)
def test_members_that_cannot_be_are_refused_before_training(members: str, words: str) -> None:
    with pytest.raises(InvalidParameter, match=words):
        detector("ensemble", {"members": members}, seed=0)
