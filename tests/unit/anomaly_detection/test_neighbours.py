import numpy as np
import pytest
from numpy.typing import NDArray
from sklearn.metrics import roc_auc_score
from sklearn.neighbors import LocalOutlierFactor, NearestNeighbors

from anomaly_detection.domain.detector import Matrix
from anomaly_detection.infrastructure.detectors.knn import Knn
from anomaly_detection.infrastructure.detectors.lof import Lof
from anomaly_detection.infrastructure.detectors.subsampled_knn import SubsampledKnn
from anomaly_detection.infrastructure.kernels.nearest import FittedRows

TOLERANCE = 1e-5  # rows are kept as float32


def normal(n_rows: int, n_features: int = 5, seed: int = 0) -> Matrix:
    return np.random.default_rng(seed).normal(size=(n_rows, n_features))


def mean(distances: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(distances.mean(axis=1))


def median(distances: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.median(distances, axis=1)


def largest(distances: NDArray[np.float64]) -> NDArray[np.float64]:
    return distances[:, -1]


@pytest.mark.parametrize("k", [1, 4, 5])
@pytest.mark.parametrize("method", [mean, median, largest])
def test_knn_is_the_mean_median_or_largest_distance_to_the_nearest(k: int, method) -> None:  # type: ignore[no-untyped-def]  # one of the three above
    x, new = normal(500), normal(50, seed=1) * 3
    exact, detector = (
        NearestNeighbors(n_neighbors=k).fit(x),
        Knn(seed=0, n_neighbors=k, method=method.__name__),
    )
    np.testing.assert_allclose(detector.fit(x), method(exact.kneighbors()[0]), rtol=TOLERANCE)
    np.testing.assert_allclose(detector.score(new), method(exact.kneighbors(new)[0]), rtol=TOLERANCE)


def test_lof_is_scikit_learns() -> None:
    x, new = normal(500), normal(50, seed=1) * 3
    peer, detector = LocalOutlierFactor(novelty=True).fit(x), Lof(seed=0, n_neighbors=20)
    np.testing.assert_allclose(detector.fit(x), -peer.negative_outlier_factor_, rtol=TOLERANCE)
    np.testing.assert_allclose(detector.score(new), -peer.score_samples(new), rtol=TOLERANCE)


@pytest.mark.filterwarnings("ignore:Duplicate values:UserWarning")  # scikit-learn's, about these rows
def test_lof_among_copies_is_scikit_learns() -> None:
    x = np.repeat(normal(10), 30, axis=0)
    new = np.concatenate([x[:3], normal(3, seed=1)])
    peer, detector = LocalOutlierFactor(novelty=True).fit(x), Lof(seed=0, n_neighbors=20)
    np.testing.assert_allclose(detector.fit(x), 1.0)
    np.testing.assert_allclose(detector.score(new), -peer.score_samples(new), rtol=TOLERANCE)


def test_a_fitted_row_is_not_its_own_neighbour_but_its_copies_are() -> None:
    x = np.concatenate([normal(100), np.full((30, 5), 9.0)])
    scores = Knn(seed=0, n_neighbors=1, method="largest").fit(x)
    assert (scores[:100] > 0).all()
    np.testing.assert_array_equal(scores[100:], 0.0)


@pytest.mark.parametrize("offset", [1.7e9, -1e12])
def test_distances_survive_an_offset(offset: float) -> None:
    x = np.round(normal(300) * 1024) / 128  # sums with the offsets are exact
    plain = Knn(seed=0, n_neighbors=5, method="mean").fit(x)
    np.testing.assert_allclose(
        Knn(seed=0, n_neighbors=5, method="mean").fit(x + offset), plain, rtol=TOLERANCE
    )


def test_with_few_rows_all_others_are_neighbours() -> None:
    x = np.array([[0.0], [1.0], [3.0]])
    np.testing.assert_allclose(
        Knn(seed=0, n_neighbors=20, method="mean").fit(x), [2.0, 1.5, 2.5], rtol=TOLERANCE
    )
    assert np.isfinite(Lof(seed=0, n_neighbors=20).fit(x)).all()


@pytest.mark.parametrize(
    "detector", [Knn(seed=0, n_neighbors=20, method="mean"), Lof(seed=0, n_neighbors=20)]
)
def test_cells_find_neighbours_that_are_as_good(detector: Knn | Lof) -> None:
    x = normal(20_500, 4)  # 20,000 and fewer are searched whole
    x[:100] *= 1.6
    outlying = np.arange(len(x)) < 100
    scores = detector.fit(x)
    assert len(detector.state().arrays["cells"]) > 0
    exact = NearestNeighbors(n_neighbors=20).fit(x).kneighbors()[0].mean(axis=1)
    if isinstance(detector, Knn):
        assert np.corrcoef(scores, exact)[0, 1] > 0.995
    else:
        exact = -LocalOutlierFactor().fit(x).negative_outlier_factor_
    assert roc_auc_score(outlying, scores) == pytest.approx(roc_auc_score(outlying, exact), abs=0.01)
    restored = (
        Knn(seed=0, n_neighbors=20, method="mean")
        if isinstance(detector, Knn)
        else Lof(seed=0, n_neighbors=20)
    )
    restored.restore(detector.state())
    np.testing.assert_array_equal(restored.score(x[:50]), detector.score(x[:50]))


def test_a_row_in_an_empty_part_of_space_still_has_all_its_neighbours() -> None:
    x, far = normal(20_500, 2), np.array([[50.0, 50.0]])
    exact = np.sort(np.sqrt(((x - far) ** 2).sum(axis=1)))
    for _, found in FittedRows.of(x, seed=0).neighbours(far, 20_000, fitted=False):
        np.testing.assert_allclose(found.distance[0], exact[:20_000], rtol=TOLERANCE)


def test_subsampled_knn_is_the_recipe() -> None:
    x, new = normal(300), normal(40, seed=1) * 2
    detector = SubsampledKnn(seed=0, n_draws=10, draw_size=32, n_neighbors=5)
    scores, state = detector.fit(x), detector.state()
    fitted, unseen = np.zeros(300), np.zeros(40)
    for source in state.arrays["source"]:
        distance = np.abs(x[:, None, :] - x[source]).sum(axis=2)
        distance[np.arange(300)[:, None] == source] = np.inf  # a row does not count itself
        five_nearest = np.sort(distance, axis=1)[:, :5].mean(axis=1)
        fitted += five_nearest / np.median(five_nearest) / 10
        distance = np.sort(np.abs(new[:, None, :] - x[source]).sum(axis=2), axis=1)[:, :5].mean(axis=1)
        unseen += distance / np.median(five_nearest) / 10
    np.testing.assert_allclose(scores, fitted, rtol=TOLERANCE)
    np.testing.assert_allclose(detector.score(new), unseen, rtol=TOLERANCE)


def test_subsampled_knn_scores_tables_of_copies() -> None:
    x = np.zeros((200, 2))
    x[0] = 5.0
    detector = SubsampledKnn(seed=0, n_draws=30, draw_size=64, n_neighbors=5)
    scores = detector.fit(x)
    assert np.isfinite(scores).all()
    assert scores.argmax() == 0
