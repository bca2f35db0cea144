import numpy as np
import pytest
from sklearn.ensemble import IsolationForest as SklearnForest
from sklearn.metrics import roc_auc_score

from anomaly_detection.domain.detector import Matrix, TooFewRows
from anomaly_detection.infrastructure.detectors.isolation_forest import IsolationForest
from anomaly_detection.infrastructure.kernels.forest import average_path_length
from anomaly_detection.infrastructure.kernels.forest_growth import grow


def forest(seed: int = 0, n_estimators: int = 100, max_samples: int = 256) -> IsolationForest:
    return IsolationForest(seed=seed, n_estimators=n_estimators, max_samples=max_samples)


def normal(n_rows: int, n_features: int, seed: int = 0) -> Matrix:
    return np.random.default_rng(seed).normal(size=(n_rows, n_features))


def test_the_average_path_length_is_that_of_the_paper() -> None:
    # 2 H(n - 1) - 2 (n - 1) / n with H(i) = ln i + Euler's constant (Liu et al. 2008, eq. 1)
    np.testing.assert_allclose(average_path_length(np.array([0, 1, 2, 256])), [0, 0, 1, 10.244770920116851])


@pytest.mark.parametrize("spread", [1.5, 2.0, 3.0])
def test_it_ranks_as_well_as_scikit_learn(spread: float) -> None:
    x = normal(2000, 8)
    x[:60] *= spread
    outlying = np.arange(2000) < 60
    ours = np.mean([roc_auc_score(outlying, forest(seed).fit(x)) for seed in range(3)])
    peer = np.mean(
        [roc_auc_score(outlying, -SklearnForest(random_state=s).fit(x).score_samples(x)) for s in range(3)]
    )
    assert ours == pytest.approx(peer, abs=0.02)  # other random trees: seeds of one differ by about 0.01


def test_scores_are_on_scikit_learns_scale() -> None:
    x = normal(2000, 8)
    peer = -SklearnForest(random_state=0).fit(x).score_samples(x)
    assert forest().fit(x).mean() == pytest.approx(peer.mean(), abs=0.01)


def test_rows_of_one_value_all_score_one_half() -> None:
    np.testing.assert_allclose(forest().fit(np.full((50, 3), 7.0)), 0.5, rtol=1e-7)


@pytest.mark.parametrize(("offset", "unit"), [(1.7e9, 1e-3), (-1e15, 10.0), (0.0, 1e-30), (0.0, 1e30)])
def test_small_changes_of_large_or_tiny_values_are_seen(offset: float, unit: float) -> None:
    plain = normal(500, 3)
    plain[0] = 6.0
    scores = forest().fit(plain * unit + offset)
    assert scores.argmax() == 0
    assert np.corrcoef(scores, forest().fit(plain))[0, 1] > 0.98


def test_a_column_of_one_far_value_does_not_hide_the_others() -> None:
    x = normal(500, 3)
    x[7, 0] = 1e12
    x[8, 1:] = 6.0
    assert set(np.argsort(forest().fit(x))[-2:]) == {7, 8}


def test_features_that_vary_are_chosen_equally_often() -> None:
    x = np.zeros((200, 40))
    x[:, [3, 17, 30]] = normal(200, 3)
    trees = grow(x, n_trees=300, n_samples=64, seed=0)
    used = np.bincount(trees.feature[:, 0], minlength=40)
    assert used[[3, 17, 30]].sum() == 300
    assert used[[3, 17, 30]].min() > 70


def test_more_rows_than_a_tree_takes_or_fewer_make_trees_as_deep_as_they_need() -> None:
    assert grow(normal(1000, 2), n_trees=3, n_samples=256, seed=0).depth == 8
    assert grow(normal(10, 2), n_trees=3, n_samples=256, seed=0).depth == 4


def test_trees_grown_in_groups_are_scored_as_one_forest() -> None:
    x = normal(64, 5_000)  # 64 x 5,000 values a tree: 50 of them in a group
    detector = forest(n_estimators=60, max_samples=64)
    scores = detector.fit(x)
    assert detector.state().arrays["feature"].shape == (60, 63)
    assert np.isfinite(scores).all()


def test_one_row_is_refused() -> None:
    with pytest.raises(TooFewRows):
        forest().fit(normal(1, 2))


def test_a_value_far_out_of_range_is_told_from_one_at_the_edge() -> None:
    x = np.random.default_rng(0).integers(0, 5, size=(300, 6)).astype(np.float64)
    detector = forest()
    detector.fit(x)
    new = np.full((1, 6), 4.0)
    new[0, 3] = 40.0
    assert detector.contributions(new).argmax() == 3
