"""Compiled and NumPy kernels give equal results: which one runs is a matter of time only."""

from collections.abc import Iterator

import numpy as np
import pytest

from anomaly_detection.domain.detector import Matrix
from anomaly_detection.infrastructure.detectors.copod import Copod
from anomaly_detection.infrastructure.kernels import (
    draws_compiled,
    forest_compiled,
    histograms_compiled,
    tails_compiled,
)
from anomaly_detection.infrastructure.kernels.draws import Draws
from anomaly_detection.infrastructure.kernels.forest_growth import grow
from anomaly_detection.infrastructure.kernels.histograms import Grid
from anomaly_detection.infrastructure.kernels.tails import learned
from anomaly_detection.infrastructure.kernels.threads import use_threads

RNG = np.random.default_rng(0)
LEARNED = np.column_stack([RNG.normal(size=500), RNG.exponential(size=500) + 1.7e9, RNG.integers(0, 3, 500)])
MANY = RNG.normal(size=(40_000, 3)) * [2.0, 3.0, 2.0] + [0.0, 1.7e9, 1.0]
BATCHES = pytest.mark.parametrize(
    "x",
    [pytest.param(MANY[:n], id=f"{n} rows") for n in (0, 1, 7, 8, 9, 255, 257, 40_000)]
    + [
        pytest.param(np.array([[1.7e308, -1.7e308, 0.0], [-1.7e308, 1.7e308, 1e-320]]), id="extremes"),
        pytest.param(LEARNED, id="learned rows"),
        pytest.param(np.asfortranarray(MANY[:100]), id="another layout"),
        pytest.param(MANY[:100].astype(np.float32), id="float32"),
    ],
)


@pytest.fixture(params=[1, 2], ids=["one thread", "two threads"], autouse=True)
def threads(request: pytest.FixtureRequest) -> Iterator[None]:
    use_threads(request.param)
    yield
    use_threads(None)


@BATCHES
def test_path_lengths_are_equal_bit_for_bit(x: Matrix) -> None:
    forest = grow(LEARNED, n_trees=25, n_samples=100, seed=0)
    np.testing.assert_array_equal(forest_compiled.path_lengths(forest, x), forest.path_lengths(x))


@BATCHES
def test_gains_are_equal_but_for_rounding(x: Matrix) -> None:
    forest = grow(LEARNED, n_trees=25, n_samples=100, seed=0)
    np.testing.assert_allclose(forest_compiled.gains(forest, x), forest.gains(x), atol=1e-9)


@BATCHES
def test_tail_curves_are_looked_up_equally(x: Matrix) -> None:
    curves = learned(LEARNED, Copod.combined)
    np.testing.assert_array_equal(tails_compiled.added(curves, x), curves.added(x))
    np.testing.assert_allclose(tails_compiled.totals(curves, x), curves.added(x).sum(axis=1), atol=1e-12)


def test_thinned_tail_curves_are_looked_up_equally() -> None:
    curves = learned(MANY, Copod.combined)
    assert (curves.rise != 0).any()
    np.testing.assert_allclose(tails_compiled.added(curves, MANY), curves.added(MANY), atol=1e-12)


@BATCHES
def test_histograms_are_counted_and_looked_up_equally(x: Matrix) -> None:
    grid = Grid.between(LEARNED.min(axis=0), LEARNED.max(axis=0), 10)
    table = np.random.default_rng(1).normal(size=(3, 11))
    if len(x):
        low, high = histograms_compiled.bounds(x)
        np.testing.assert_array_equal(low, x.min(axis=0))
        np.testing.assert_array_equal(high, x.max(axis=0))
        np.testing.assert_array_equal(histograms_compiled.counts(grid, x), grid.counts(x))
    expected = grid.looked_up(x, table).sum(axis=1)
    np.testing.assert_allclose(histograms_compiled.totals(grid, x, table), expected, atol=1e-12)


@BATCHES
def test_distances_to_draws_are_equal(x: Matrix) -> None:
    draws = drawn(LEARNED / [1, 1e9, 1])
    x = x / [1, 1e9, 1]
    found = draws_compiled.distances(draws, x, fitted=False)
    np.testing.assert_allclose(found, draws.distances(x, fitted=False), rtol=1e-6)
    found = draws_compiled.contributions(draws, x)
    np.testing.assert_allclose(found, draws.contributions(x), rtol=1e-6)


def test_distances_of_the_fitted_rows_to_draws_are_equal() -> None:
    draws = drawn(MANY)
    found = draws_compiled.distances(draws, MANY, fitted=True)
    np.testing.assert_allclose(found, draws.distances(MANY, fitted=True), rtol=1e-6)


def test_rows_of_another_width_are_refused_before_a_kernel_reads_beyond_them() -> None:
    forest = grow(LEARNED, n_trees=2, n_samples=100, seed=0)
    with pytest.raises(ValueError, match="3 features"):
        forest_compiled.path_lengths(forest, MANY[:10, :2].copy())


def drawn(x: Matrix) -> Draws:
    return Draws.of(x, np.random.default_rng(0).integers(len(x), size=(5, 32)), n_neighbors=3)
