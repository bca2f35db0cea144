"""The detector object: what fit leaves, what scores mean, and how it gets along with scikit-learn."""

from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from sklearn.base import clone, is_outlier_detector
from sklearn.exceptions import NotFittedError
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import anomaly_detection
from anomaly_detection import AnomalyDetector
from anomaly_detection.infrastructure.detectors import catalogue
from core.domain.errors import DomainError, InvalidOption

RNG = np.random.default_rng(0)
X = RNG.normal(size=(300, 4))
X[0] = 9.0
NEW = RNG.normal(size=(50, 4))
NEW[0] = -9.0

algorithms = pytest.mark.parametrize(
    "name",
    [
        pytest.param(a.name, marks=[pytest.mark.deep] if a.extra == "deep" else [])
        for a in catalogue.algorithms()
    ],
)


@cache
def fitted(name: str) -> AnomalyDetector:
    return AnomalyDetector(name, contamination=0.05).fit(X)


@algorithms
def test_labels_scores_and_threshold_of_the_training_rows_agree(name: str) -> None:
    detector = fitted(name)
    raw = detector.decision_scores_
    assert raw.shape == (300,)
    assert detector.labels_.dtype == np.int64
    assert detector.labels_[0] == 1
    np.testing.assert_array_equal(detector.labels_ == 1, raw >= detector.threshold_ - 1e-9)


@algorithms
def test_predictions_are_the_scores_from_the_threshold_on(name: str) -> None:
    detector = fitted(name)
    raw, score, flags = detector.decision_function(NEW), detector.score(NEW), detector.predict(NEW)
    assert score.min() >= 0
    assert score.max() <= 1
    assert flags[0] == 1
    np.testing.assert_array_equal(flags == 1, score >= 0.8)
    np.testing.assert_array_equal(flags == 1, raw >= detector.threshold_ - 1e-9)
    order = np.argsort(raw, kind="stable")
    assert (np.diff(score[order]) >= 0).all()


@given(st.floats(1e-4, 0.5))
def test_about_the_expected_share_of_the_training_rows_is_flagged(contamination: float) -> None:
    flagged = AnomalyDetector("z_score", contamination=contamination).fit(X).labels_.sum()
    assert abs(int(flagged) - 300 * contamination) <= 1


def test_fit_predict_gives_the_labels_of_fit() -> None:
    detector = AnomalyDetector()
    np.testing.assert_array_equal(detector.fit_predict(X), detector.labels_)
    np.testing.assert_array_equal(detector.labels_, AnomalyDetector().fit(X).labels_)


def test_a_training_row_scored_again_is_still_an_anomaly() -> None:
    detector = AnomalyDetector("knn").fit(X)
    assert detector.predict(X[:1]) == [1]
    assert detector.labels_[0] == 1


def test_no_training_row_is_its_own_neighbour() -> None:
    detector = AnomalyDetector("knn", params={"n_neighbors": 1}).fit(X)
    assert detector.decision_scores_.min() > 0
    assert detector.decision_function(X).max() == 0


@algorithms
def test_one_row_scores_as_it_does_in_a_batch(name: str) -> None:
    detector = fitted(name)
    alone = np.concatenate([detector.decision_function(row[None, :]) for row in NEW[:8]])
    same = np.allclose(alone, detector.decision_function(NEW)[:8], rtol=1e-6, atol=1e-9)
    assert same is catalogue.algorithm(name).batch_independent


def test_the_quick_way_for_arrays_scores_as_the_long_way_for_frames() -> None:
    detector = AnomalyDetector().fit(X)
    by_name = {f"x{i}": NEW[:, i] for i in range(4)}
    np.testing.assert_array_equal(detector.decision_function(NEW), detector.decision_function(by_name))
    np.testing.assert_array_equal(
        detector.decision_function(np.asfortranarray(NEW)), detector.decision_function(NEW)
    )


def test_two_threads_score_as_one() -> None:
    detector = AnomalyDetector().fit(X)
    batches = [RNG.normal(size=(2_000, 4)) for _ in range(8)]
    with ThreadPoolExecutor(2) as pool:
        together = list(pool.map(detector.decision_function, batches))
    for one, batch in zip(together, batches, strict=True):
        np.testing.assert_array_equal(one, detector.decision_function(batch))


def test_equal_seeds_give_equal_scores_and_others_do_not() -> None:
    def scores(random_state: Any) -> NDArray[np.float64]:
        return AnomalyDetector("isolation_forest", random_state=random_state).fit(X).decision_scores_

    np.testing.assert_array_equal(scores(None), scores(0))
    np.testing.assert_array_equal(scores(np.int64(7)), scores(7))
    np.testing.assert_array_equal(scores(np.random.RandomState(3)), scores(np.random.RandomState(3)))
    assert (scores(1) != scores(2)).any()


def test_a_generator_is_drawn_from_at_every_fit() -> None:
    detector = AnomalyDetector("isolation_forest", random_state=np.random.RandomState(0))
    first = detector.fit(X).decision_scores_
    assert (detector.fit(X).decision_scores_ != first).any()


@pytest.mark.parametrize("name", ["isolation_forest", "inne", "ensemble"])
def test_the_largest_seed_of_numpy_is_taken(name: str) -> None:
    assert AnomalyDetector(name, random_state=2**32 - 1).fit(X).decision_scores_.argmax() == 0


def test_more_rows_than_the_algorithm_takes_are_sampled_and_all_are_scored() -> None:
    n_rows = catalogue.algorithm("dbscan").cost.max_fit_rows + 500
    x = np.random.default_rng(1).normal(size=(n_rows, 2))
    x[-1] = 40.0
    detector = AnomalyDetector("dbscan").fit(x)
    assert detector.model_.training.rows == n_rows
    assert detector.model_.training.rows_fitted == n_rows - 500
    assert detector.decision_scores_.shape == detector.labels_.shape == (n_rows,)
    assert detector.decision_scores_.argmax() == n_rows - 1


def test_a_clone_has_the_parameters_and_no_model() -> None:
    detector = AnomalyDetector("knn", 0.1, 3, {"n_neighbors": 5}).fit(X)
    copied = clone(detector)
    assert copied.get_params() == detector.get_params()
    with pytest.raises(NotFittedError):
        copied.score(X)


def test_parameters_can_be_set_and_a_new_fit_follows_them() -> None:
    detector = AnomalyDetector().fit(X)
    detector.set_params(
        algorithm="knn", params={"n_neighbors": np.int64(3)}, contamination=np.float32(0.1)
    ).fit(X)
    assert detector.model_.algorithm.name == "knn"
    assert detector.model_.parameters["n_neighbors"] == 3
    assert detector.labels_.sum() == 30


def test_it_ends_a_pipeline() -> None:
    pipeline = make_pipeline(StandardScaler(), AnomalyDetector(contamination=0.01))
    labels = pipeline.fit_predict(X)
    assert labels[0] == 1
    assert pipeline.predict(X[:1]) == [1]
    assert pipeline.score(NEW).shape == pipeline.decision_function(NEW).shape == (50,)
    pipeline.set_params(anomalydetector__algorithm="hbos").fit(X)
    assert pipeline[-1].model_.algorithm.name == "hbos"


def test_it_does_not_promise_the_minus_ones_of_an_outlier_detector() -> None:
    assert not is_outlier_detector(AnomalyDetector())


@pytest.mark.parametrize(
    "use",
    [
        lambda d: d.score(X),
        lambda d: d.predict(X),
        lambda d: d.decision_function(X),
        lambda d: d.explain(0, X=X),
        lambda d: d.save("never.model"),
    ],
)
def test_before_fit_everything_else_is_refused(use: Any) -> None:
    with pytest.raises(NotFittedError):
        use(AnomalyDetector())


@pytest.mark.parametrize(
    ("parameters", "named"),
    [
        ({"algorithm": "isolation_forrest"}, "isolation_forest"),
        ({"algorithm": None}, "algorithm is None"),
        ({"algorithm": "knn", "params": {"n_neighbours": 3}}, "n_neighbors"),
        ({"algorithm": "knn", "params": {"n_neighbors": 0}}, "n_neighbors is 0"),
        ({"algorithm": "knn", "params": {"n_neighbors": float("inf")}}, "n_neighbors is inf"),
        ({"algorithm": "knn", "params": {"n_neighbors": float("nan")}}, "n_neighbors is nan"),
        ({"params": ["n_neighbors=3"]}, "params is"),
        ({"params": {3: 3}}, "params is"),
        ({"contamination": 0}, "Contamination is 0"),
        ({"contamination": 0.51}, "Contamination is 0.51"),
        ({"contamination": "auto"}, "contamination is 'auto'"),
        ({"random_state": -1}, "random_state is -1"),
        ({"random_state": 2**32}, "random_state is 4294967296"),
        ({"random_state": 0.5}, "random_state is 0.5"),
        ({"random_state": np.random.default_rng(0)}, "random_state is Generator"),
    ],
)
def test_a_wrong_parameter_is_refused_by_fit_and_not_before(parameters: Any, named: str) -> None:
    detector = AnomalyDetector(**parameters)
    with pytest.raises(InvalidOption, match=named) as refusal:
        detector.fit(X)
    assert isinstance(refusal.value, ValueError)
    assert refusal.value.fix


@pytest.mark.parametrize("n_rows", [1, 9])
def test_too_few_rows_are_refused(n_rows: int) -> None:
    with pytest.raises(DomainError, match="at least 10"):
        AnomalyDetector().fit(X[:n_rows])


def test_the_package_offers_its_public_names() -> None:
    assert {"AnomalyDetector", "Explanation", "Severity"} <= set(dir(anomaly_detection))
    assert anomaly_detection.AnomalyDetector is AnomalyDetector
