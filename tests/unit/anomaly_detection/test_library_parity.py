"""Our numbers beside those of scikit-learn and PyOD, on the same rows and parameters."""

from importlib import import_module
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.stats import spearmanr
from sklearn.cluster import DBSCAN
from sklearn.covariance import EmpiricalCovariance, MinCovDet
from sklearn.mixture import GaussianMixture
from sklearn.neighbors import KernelDensity
from sklearn.svm import OneClassSVM

from anomaly_detection.domain.detector import Detector
from anomaly_detection.infrastructure.detectors.catalogue import detector

Rows = NDArray[np.float64]


@pytest.fixture
def rows() -> Rows:
    rng = np.random.default_rng(5)
    x = rng.normal(size=(240, 4))
    x[:, 1] += 0.8 * x[:, 0]
    x[:6] += 5
    return np.asarray((x - x.mean(axis=0)) / x.std(axis=0))


@pytest.fixture
def new_rows() -> Rows:
    return np.random.default_rng(6).normal(size=(50, 4)) * 2


def fitted(name: str, rows: Rows, **parameters: object) -> Detector:
    made = detector(name, parameters, seed=3)
    made.fit(rows)
    return made


def test_one_class_svm_scores_as_scikit_learns_decision_function(rows: Rows, new_rows: Rows) -> None:
    theirs = OneClassSVM(nu=0.3, gamma=0.2).fit(rows)

    ours = fitted("one_class_svm", rows, nu=0.3, gamma=0.2)

    np.testing.assert_allclose(ours.score(new_rows), -theirs.decision_function(new_rows), atol=1e-9)


def test_pca_with_all_components_is_the_mahalanobis_distance(rows: Rows, new_rows: Rows) -> None:
    theirs = EmpiricalCovariance().fit(rows).mahalanobis(new_rows)

    ours = fitted("pca", rows).score(new_rows)

    np.testing.assert_allclose(ours, theirs * (len(rows) - 1) / len(rows), rtol=1e-9)


def test_pca_with_some_components_looks_at_the_widest(rows: Rows) -> None:
    _, _, directions = np.linalg.svd(rows - rows.mean(axis=0))
    base = rows.mean(axis=0)
    ours = fitted("pca", rows, n_components=2)

    along_widest, along_narrowest = ours.score(np.stack([base + directions[0], base + directions[-1]]))

    assert along_widest > 0.1
    assert along_narrowest == pytest.approx(0, abs=1e-9)


def test_mcd_scores_as_scikit_learns(rows: Rows, new_rows: Rows) -> None:
    theirs = MinCovDet(random_state=3).fit(rows)

    ours = fitted("mcd", rows)

    np.testing.assert_allclose(ours.score(new_rows), theirs.mahalanobis(new_rows), rtol=1e-6)


def test_gmm_scores_as_scikit_learns(rows: Rows, new_rows: Rows) -> None:
    for covariance in ("diag", "full"):
        theirs = GaussianMixture(2, covariance_type=covariance, reg_covar=1e-2, random_state=3).fit(rows[6:])

        ours = fitted("gmm", rows[6:], n_components=2, covariance_type=covariance)

        np.testing.assert_allclose(ours.score(new_rows), -theirs.score_samples(new_rows), rtol=1e-9)


def test_kde_scores_new_rows_as_scikit_learns(rows: Rows, new_rows: Rows) -> None:
    """Up to 0.02: scikit-learn's search tree passes over rows that are far away."""
    theirs = KernelDensity(bandwidth=0.5).fit(rows)

    ours = fitted("kde", rows, bandwidth=0.5)

    np.testing.assert_allclose(ours.score(new_rows), -theirs.score_samples(new_rows), atol=0.02)


def test_kde_leaves_a_training_row_out_of_its_own_density(rows: Rows) -> None:
    without_first = KernelDensity(bandwidth=0.5).fit(rows[1:])

    training = detector("kde", {"bandwidth": 0.5}, seed=0).fit(rows)

    assert training[0] == pytest.approx(-without_first.score_samples(rows[:1])[0], rel=1e-9)


def test_dbscan_finds_scikit_learns_core_rows(rows: Rows) -> None:
    theirs = DBSCAN(eps=0.8, min_samples=6).fit(rows)

    ours = fitted("dbscan", rows, eps=0.8, min_samples=6)

    np.testing.assert_array_equal(ours.state().arrays["cores"], rows[theirs.core_sample_indices_])
    noise = ours.score(rows) > 1
    np.testing.assert_array_equal(noise, theirs.labels_ == -1)


def pyod(module: str, name: str, **parameters: object) -> Any:
    return getattr(import_module(f"pyod.models.{module}"), name)(**parameters)


def test_cblof_scores_as_pyods(rows: Rows, new_rows: Rows) -> None:
    theirs = pyod("cblof", "CBLOF", n_clusters=4, random_state=3).fit(rows)

    ours = fitted("cblof", rows, n_clusters=4)

    np.testing.assert_allclose(ours.score(rows), theirs.decision_scores_, rtol=1e-9)
    np.testing.assert_allclose(ours.score(new_rows), theirs.decision_function(new_rows), rtol=1e-9)


def test_inne_scores_as_pyods(rows: Rows, new_rows: Rows) -> None:
    theirs = pyod("inne", "INNE", n_estimators=50, random_state=3).fit(rows)

    ours = fitted("inne", rows, n_estimators=50)

    np.testing.assert_allclose(ours.score(new_rows), theirs.decision_function(new_rows), atol=1e-9)


def test_loda_ranks_much_as_pyods_with_as_many_bins(rows: Rows) -> None:
    """Other projections are drawn and empty bins weigh less, so ranks agree only as two seeds of one of them do."""
    theirs = pyod("loda", "LODA", n_bins=10, random_state=3).fit(rows)

    ours = fitted("loda", rows, n_bins=10)

    assert spearmanr(ours.score(rows), theirs.decision_scores_).statistic > 0.8
