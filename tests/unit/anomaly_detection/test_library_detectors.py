"""What holds for every algorithm behind which stands a library, and rows that are hard for some."""

import json

import numpy as np
import pytest
from numpy.typing import NDArray

from anomaly_detection.application.attribution import contributions_by_column
from anomaly_detection.domain.detector import (
    DetectorState,
    ExplainsItself,
    FitFailed,
    InvalidParameter,
    TooFewRows,
)
from anomaly_detection.domain.scaling import Scaler
from anomaly_detection.infrastructure.detectors.catalogue import algorithm, detector
from anomaly_detection.infrastructure.detectors.library_entries import LIBRARY

Rows = NDArray[np.float64]
CLASSIC = [offer.algorithm.name for offer in LIBRARY if offer.algorithm.extra is None]
SINGLE = [name for name in CLASSIC if name != "ensemble"]
ADDITIVE = ["pca", "mcd", "cblof", "gmm", "dbscan"]


def table(n_rows: int, n_features: int, *, seed: int) -> Rows:
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(n_rows, n_features))
    x[:, 1] += 0.7 * x[:, 0]
    return x


def planted(rows: Rows, usual: Rows) -> tuple[Rows, NDArray[np.intp]]:
    """The rows with one feature each far from usual, and which."""
    found, columns = rows.copy(), np.arange(len(rows)) % rows.shape[1]
    for i, column in enumerate(columns):
        deviations = 8 if i % 2 else -8
        found[i, column] = np.median(usual[:, column]) + deviations * usual[:, column].std()
    return found, columns


@pytest.mark.parametrize("name", SINGLE)
def test_a_planted_feature_is_named_first(name: str) -> None:
    hits = []
    for seed in range(3):
        usual = table(300, 5 + seed, seed=seed)
        odd, columns = planted(table(40, 5 + seed, seed=seed + 10), usual)
        scaler = Scaler.fit(usual, algorithm(name).scaling)
        made = detector(name, {}, seed=seed)
        x = scaler.transform(usual)
        made.fit(x)

        contributions = contributions_by_column(
            made,
            scaler.transform(odd),
            typical=np.median(x, axis=0, keepdims=True),
            groups=[np.array([i]) for i in range(x.shape[1])],
        )
        hits.append(contributions.argmax(axis=1) == columns)

    assert np.mean(np.concatenate(hits)) >= algorithm(name).planted_first


@pytest.mark.parametrize("name", ADDITIVE)
def test_exact_contributions_sum_to_the_score(name: str) -> None:
    made = detector(name, {}, seed=1)
    made.fit(table(300, 5, seed=1))
    odd, _ = planted(table(30, 5, seed=2), table(300, 5, seed=1))

    assert isinstance(made, ExplainsItself)
    np.testing.assert_allclose(made.contributions(odd).sum(axis=1), made.score(odd), rtol=1e-9)


def test_a_full_mixture_leaves_its_explanation_to_ablation() -> None:
    assert not isinstance(detector("gmm", {"covariance_type": "full"}, seed=0), ExplainsItself)


@pytest.mark.parametrize("name", SINGLE)
def test_its_state_is_plain_and_restores_equal_scores(name: str) -> None:
    made, other = detector(name, {}, seed=1), detector(name, {}, seed=1)
    made.fit(table(200, 5, seed=1))
    new = table(50, 5, seed=2) * 3
    state = made.state()

    other.restore(DetectorState(json.loads(json.dumps(dict(state.values))), state.arrays, state.blobs))

    np.testing.assert_array_equal(other.score(new), made.score(new))
    assert all(array.dtype.kind in "fiub" for array in state.arrays.values())


@pytest.mark.parametrize("name", SINGLE)
def test_global_randomness_stays_as_it_was(name: str) -> None:
    np.random.seed(7)
    expected = np.random.RandomState(7).random_sample()

    made = detector(name, {}, seed=1)
    made.fit(table(100, 4, seed=1))

    assert np.random.random_sample() == expected


@pytest.mark.parametrize("name", [n for n in SINGLE if n != "mcd"])
@pytest.mark.parametrize(
    "rows",
    [
        np.ones((30, 3)),
        np.repeat(table(3, 3, seed=0), 20, axis=0),
        (table(100, 2, seed=0) > 1).astype(np.float64),
        table(20, 50, seed=0),
        table(50, 2, seed=0) * np.array([1.0, 0.0]),
    ],
    ids=["constant", "three distinct rows", "zeros and ones", "more features than rows", "a constant column"],
)
def test_poor_rows_still_give_finite_scores(name: str, rows: Rows) -> None:
    made = detector(name, {}, seed=1)

    scores = made.fit(rows)

    assert np.isfinite(scores).all()
    assert np.isfinite(made.score(rows + 1e200)).all()
    assert made.score(rows[:0]).shape == (0,)


@pytest.mark.parametrize("name", CLASSIC)
def test_one_row_is_too_few(name: str) -> None:
    with pytest.raises(TooFewRows):
        detector(name, {}, seed=1).fit(np.ones((1, 3)))


@pytest.mark.parametrize("name", ["pca", "mcd", "gmm", "kde"])
def test_a_row_that_breaks_a_relation_between_usual_values_stands_out(name: str) -> None:
    rng = np.random.default_rng(3)
    x = rng.normal(size=(400, 2))
    x[:, 1] = x[:, 0] + 0.1 * x[:, 1]
    parameters = {"covariance_type": "full"} if name == "gmm" else {}
    made = detector(name, parameters, seed=0)
    scores = made.fit(x)

    assert made.score(np.array([[1.5, -1.5]]))[0] > scores.max()


@pytest.mark.parametrize("name", ["pca", "mcd"])
def test_columns_that_follow_from_others_are_no_obstacle(name: str) -> None:
    x = table(200, 3, seed=0)
    x = np.column_stack([x, x.sum(axis=1)])
    made = detector(name, {}, seed=0)
    scores = made.fit(x)

    assert made.score(x[:1] + np.array([0, 0, 0, 2.0]))[0] > scores.max()


def test_mcd_says_how_many_rows_it_needs() -> None:
    with pytest.raises(TooFewRows, match="needs 42 rows of 20 features"):
        detector("mcd", {}, seed=0).fit(table(30, 20, seed=0))


def test_mcd_says_what_to_do_where_most_rows_are_equal() -> None:
    with pytest.raises(FitFailed, match="support_fraction"):
        detector("mcd", {}, seed=0).fit(np.ones((30, 3)))


def test_dbscan_says_which_eps_would_do() -> None:
    with pytest.raises(FitFailed, match="Raise eps"):
        detector("dbscan", {"eps": 1e-6}, seed=0).fit(table(50, 3, seed=0))


def test_dbscan_scores_rows_of_a_cluster_at_most_one() -> None:
    x = np.concatenate([table(200, 2, seed=0), table(200, 2, seed=1) + 20])
    made = detector("dbscan", {}, seed=0)
    scores = made.fit(x)

    assert np.quantile(scores, 0.9) < 1
    assert made.score(np.array([[10.0, 10.0]]))[0] > 5


def test_gmm_gives_a_handful_of_far_rows_no_component_of_their_own() -> None:
    x = np.concatenate([table(300, 3, seed=0), table(6, 3, seed=1) * 0.1 + 12])

    scores = detector("gmm", {}, seed=0).fit(x)

    assert scores[300:].min() > scores[:300].max()


def test_whole_parameters_refuse_fractions() -> None:
    with pytest.raises(InvalidParameter, match="whole number"):
        detector("pca", {"n_components": 2.5}, seed=0)
