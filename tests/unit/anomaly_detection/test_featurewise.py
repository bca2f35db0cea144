import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from anomaly_detection.infrastructure.detectors.featurewise import Featurewise, shares_of_largest
from anomaly_detection.infrastructure.detectors.iqr import InterquartileRange
from anomaly_detection.infrastructure.detectors.modified_z_score import ModifiedZScore
from anomaly_detection.infrastructure.detectors.z_score import ZScore

CLASSES = pytest.mark.parametrize("detector_class", [ZScore, ModifiedZScore, InterquartileRange])
X = np.array([[1.0], [2.0], [3.0], [4.0], [5.0]])


def test_the_z_score_is_the_distance_from_the_mean_in_standard_deviations() -> None:
    scores = ZScore(seed=0, aggregate="max").fit(X)
    np.testing.assert_allclose(scores, np.array([2, 1, 0, 1, 2]) / np.sqrt(2))


def test_the_modified_z_score_is_the_distance_from_the_median_in_absolute_deviations() -> None:
    detector = ModifiedZScore(seed=0, aggregate="max")
    np.testing.assert_allclose(detector.fit(X), 0.6745 * np.array([2, 1, 0, 1, 2]))
    np.testing.assert_allclose(detector.score(np.array([[103.0]])), 67.45)


def test_the_mean_absolute_deviation_stands_in_where_most_values_are_the_median() -> None:
    scores = ModifiedZScore(seed=0, aggregate="max").fit(np.array([[0.0], [0.0], [0.0], [5.0]]))
    np.testing.assert_allclose(scores, [0, 0, 0, 5 / (1.253314 * 1.25)])


def test_tukeys_inner_fence_scores_two() -> None:
    detector = InterquartileRange(seed=0, aggregate="max")
    detector.fit(X)  # quartiles 2 and 4
    np.testing.assert_allclose(detector.score(np.array([[2.0], [4.0], [7.0], [-1.0]])), [0.5, 0.5, 2.0, 2.0])


def test_a_value_that_most_rows_share_leaves_the_others_apart() -> None:
    x = np.zeros((100, 1))
    x[:3, 0] = [1, 2, 50]
    assert InterquartileRange(seed=0, aggregate="max").fit(x).argmax() == 2


@pytest.mark.parametrize(("aggregate", "expected"), [("max", 3.0), ("mean", 2.0), ("sum", 4.0)])
def test_a_rows_score_is_the_largest_mean_or_sum_of_its_features(aggregate: str, expected: float) -> None:
    detector = ZScore(seed=0, aggregate=aggregate)
    detector.fit(np.array([[1.0, 1.0], [-1.0, -1.0]]))
    np.testing.assert_allclose(detector.score(np.array([[3.0, -1.0]])), [expected])


@CLASSES
@pytest.mark.parametrize("aggregate", ["max", "mean", "sum"])
def test_contributions_sum_to_the_score(detector_class: type[Featurewise], aggregate: str) -> None:
    x = np.random.default_rng(0).normal(size=(50, 4))
    detector = detector_class(seed=0, aggregate=aggregate)
    np.testing.assert_allclose(detector.fit(x), detector.contributions(x).sum(axis=1))


@CLASSES
def test_a_constant_feature_counts_in_its_own_units(detector_class: type[Featurewise]) -> None:
    detector = detector_class(seed=0, aggregate="max")
    np.testing.assert_array_equal(detector.fit(np.full((7, 1), 0.1)), np.zeros(7))
    np.testing.assert_allclose(detector.score(np.array([[2.1]])), [2.0])


@CLASSES
@pytest.mark.parametrize("unit", [1e-300, 1e-12, 1.0, 1e12, 1e300])
def test_the_unit_of_a_feature_does_not_matter(detector_class: type[Featurewise], unit: float) -> None:
    x = np.random.default_rng(0).normal(size=(50, 2))
    scores = detector_class(seed=0, aggregate="max").fit(x)
    np.testing.assert_allclose(detector_class(seed=0, aggregate="max").fit(x * unit), scores, rtol=1e-9)


@CLASSES
def test_values_at_the_end_of_the_numbers_score_finitely(detector_class: type[Featurewise]) -> None:
    detector = detector_class(seed=0, aggregate="sum")
    detector.fit(np.random.default_rng(0).normal(size=(50, 2)) * 1e-9)
    assert np.isfinite(detector.score(np.array([[1.7e308, -1.7e308]]))).all()


@given(arrays(np.float64, (3, 4), elements=st.floats(0, 1e6)))
def test_shares_of_the_largest_sum_to_it_and_keep_the_order(deviations: np.ndarray) -> None:
    shares = shares_of_largest(deviations)
    np.testing.assert_allclose(shares.sum(axis=1), deviations.max(axis=1), rtol=1e-9, atol=1e-9)
    ordered = np.take_along_axis(shares, np.argsort(deviations, axis=1), axis=1)
    assert (np.diff(ordered, axis=1) >= 0).all()
    assert (shares >= 0).all()
