import numpy as np
import pytest
from pyod.models.copod import COPOD
from pyod.models.ecod import ECOD
from pyod.models.hbos import HBOS

from anomaly_detection.domain.detector import Matrix
from anomaly_detection.infrastructure.detectors.copod import Copod
from anomaly_detection.infrastructure.detectors.ecod import Ecod
from anomaly_detection.infrastructure.detectors.hbos import Hbos
from anomaly_detection.infrastructure.detectors.tail_detector import TailDetector

BOTH = pytest.mark.parametrize(("ours", "peer"), [(Ecod, ECOD), (Copod, COPOD)])


def skewed(n_rows: int, seed: int = 0) -> Matrix:
    """Columns with a skewness beyond chance, with ties and without."""
    rng = np.random.default_rng(seed)
    columns = [rng.exponential(size=n_rows), -rng.exponential(size=n_rows), rng.poisson(0.7, size=n_rows)]
    return np.column_stack(columns).astype(np.float64)


@BOTH
def test_training_scores_are_pyods(ours: type[TailDetector], peer: type) -> None:
    x = skewed(2000)
    np.testing.assert_allclose(ours(seed=0).fit(x), peer().fit(x).decision_scores_, rtol=1e-9)


@BOTH
def test_training_scores_stay_pyods_where_distributions_are_thinned(
    ours: type[TailDetector], peer: type
) -> None:
    x = skewed(30_000)
    # knots are at most a tenth apart in -log p; the lines between them are closer than that
    np.testing.assert_allclose(ours(seed=0).fit(x), peer().fit(x).decision_scores_, atol=0.02)


@BOTH
def test_a_fitted_row_scores_the_same_again(ours: type[TailDetector], peer: type) -> None:
    x, detector = skewed(500), ours(seed=0)
    np.testing.assert_allclose(detector.fit(x), detector.score(x))


def test_copod_ranks_symmetric_columns_much_as_pyod_does() -> None:
    x = np.random.default_rng(0).normal(size=(2000, 5))
    x[:40] *= 3
    ours, peer = Copod(seed=0).fit(x), COPOD().fit(x).decision_scores_
    assert (
        np.corrcoef(ours, peer)[0, 1] > 0.85
    )  # PyOD lets chance choose a tail of each column, we count both


@pytest.mark.parametrize("ours", [Ecod, Copod])
def test_a_value_beyond_all_fitted_ones_scores_a_little_more_than_the_outermost(
    ours: type[TailDetector],
) -> None:
    x, detector = np.arange(100.0)[:, None], ours(seed=0)
    detector.fit(x)
    below, lowest, gap, highest, above = detector.score(np.array([[-1.0], [0.0], [98.5], [99.0], [1e300]]))
    assert below > lowest
    assert above > highest >= gap
    assert above == pytest.approx(np.log(101))


def test_wide_tables_keep_fewer_knots_per_column() -> None:
    x = np.random.default_rng(0).normal(size=(3000, 4000))
    detector = Ecod(seed=0)
    detector.fit(x)
    assert detector.state().arrays["knots"].shape == (4000, 512)


def test_hbos_training_scores_are_pyods() -> None:
    x = np.random.default_rng(0).normal(size=(2000, 5))
    np.testing.assert_allclose(Hbos(seed=0, n_bins=10, alpha=0.1).fit(x), HBOS().fit(x).decision_scores_)


def test_hbos_counts_a_value_outside_all_bins_as_one_in_an_empty_bin() -> None:
    detector = Hbos(seed=0, n_bins=10, alpha=0.1)
    detector.fit(np.linspace(0, 1, 1001)[:, None])
    inside, barely_out, far_out = detector.score(np.array([[0.5], [1.04], [1.06]]))
    assert barely_out == pytest.approx(inside, abs=0.02)  # within half a bin of the last one
    assert far_out == pytest.approx(-np.log2(0.1))


def test_hbos_says_nothing_about_a_constant_column_until_it_changes() -> None:
    detector = Hbos(seed=0, n_bins=10, alpha=0.1)
    np.testing.assert_array_equal(detector.fit(np.full((20, 1), 3.0)), np.zeros(20))
    np.testing.assert_allclose(detector.score(np.array([[3.0], [3.0 + 1e-12]])), [0.0, -np.log2(0.1)])
