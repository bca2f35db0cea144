import numpy as np

from anomaly_detection.application.attribution import ablation, contributions_by_column, most_deviant
from anomaly_detection.domain.detector import Contributions, DetectorState, Matrix, Scores

TYPICAL = np.zeros((1, 4))
EACH = [np.array([i]) for i in range(4)]


def distance(x: Matrix) -> Scores:
    return np.asarray(np.abs(x).sum(axis=1))


def saturated(x: Matrix) -> Scores:
    return np.asarray(np.minimum(np.abs(x).max(axis=1), 3.0))


class SelfExplained:
    def fit(self, x: Matrix) -> Scores:
        return self.score(x)

    def score(self, x: Matrix) -> Scores:
        return distance(x)

    def contributions(self, x: Matrix) -> Contributions:
        return 2 * np.abs(x)

    def state(self) -> DetectorState:
        return DetectorState()

    def restore(self, state: DetectorState) -> None: ...


def test_for_a_sum_over_features_ablation_gives_the_summands() -> None:
    x = np.array([[1.0, -2.0, 3.0, 0.0], [0.0, 0.0, 0.0, 5.0]])
    np.testing.assert_allclose(ablation(distance, x, typical=TYPICAL, groups=EACH), np.abs(x))


def test_features_of_one_column_are_taken_away_together() -> None:
    x = np.array([[1.0, -2.0, 3.0, 4.0]])
    found = ablation(distance, x, typical=TYPICAL, groups=[np.array([0, 1]), np.array([2, 3])])
    np.testing.assert_allclose(found, [[3.0, 7.0]])


def test_two_odd_columns_of_a_saturated_score_are_both_named() -> None:
    found = ablation(saturated, np.array([[9.0, 9.0, 0.1, 0.0]]), typical=TYPICAL, groups=EACH)[0]
    assert found[0] == found[1] > found[2] > 0


def test_a_detectors_own_account_is_preferred() -> None:
    x = np.array([[1.0, -2.0, 3.0, 0.0]])
    groups = [np.array([0, 2]), np.array([1]), np.array([3])]
    found = contributions_by_column(SelfExplained(), x, typical=TYPICAL, groups=groups)
    np.testing.assert_allclose(found, [[8.0, 4.0, 0.0]])


def test_of_many_columns_only_the_most_deviant_are_tried() -> None:
    x = np.random.default_rng(0).uniform(0, 1, size=(3, 500))
    x[:, 7] = 50.0
    groups = [np.array([i]) for i in range(500)]
    found = ablation(distance, x, typical=np.zeros((1, 500)), groups=groups)
    assert (found.argmax(axis=1) == 7).all()
    assert ((found > 0).sum(axis=1) == 64).all()
    assert most_deviant(x, typical=np.zeros((1, 500)), groups=groups).shape == (3, 64)


def test_no_rows_have_no_contributions() -> None:
    assert ablation(distance, np.empty((0, 4)), typical=TYPICAL, groups=EACH).shape == (0, 4)
