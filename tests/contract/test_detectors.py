"""One suite for every algorithm of the catalogue."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from inspect import Parameter as Argument
from inspect import signature

import numpy as np
import pytest

from anomaly_detection.application.attribution import contributions_by_column
from anomaly_detection.domain.algorithm import Algorithm, Explains
from anomaly_detection.domain.detector import (
    Detector,
    DetectorState,
    ExplainsItself,
    InvalidParameter,
    Matrix,
    Scores,
)
from anomaly_detection.domain.scaling import Scaler
from anomaly_detection.infrastructure.detectors import catalogue
from core.domain.errors import DomainError

PLANTED = 100
SPREAD = 8.0  # standard deviations from the mean: beyond doubt

algorithms = pytest.mark.parametrize(
    "name",
    [
        pytest.param(a.name, marks=[pytest.mark.deep] if a.extra == "deep" else [])
        for a in catalogue.algorithms()
    ],
)


@dataclass(frozen=True)
class Fitted:
    entry: Algorithm
    scaler: Scaler
    detector: Detector
    x: Matrix  # scaled
    scores: Scores

    @property
    def new(self) -> Matrix:
        return self.scaler.transform(rows(seed=1))


def rows(*, seed: int = 0, n_rows: int = 300, n_features: int = 6) -> Matrix:
    return np.random.default_rng(seed).normal(size=(n_rows, n_features))


def fit(name: str, x: Matrix, **parameters: object) -> Fitted:
    entry = catalogue.algorithm(name)
    scaler = Scaler.fit(x, entry.scaling)
    detector = catalogue.detector(name, parameters, seed=0)
    scaled = scaler.transform(x)
    return Fitted(entry, scaler, detector, scaled, detector.fit(scaled))


@cache
def fitted(name: str) -> Fitted:
    """On rows of which the first is far from all others."""
    x = rows()
    x[0] = 6.0
    return fit(name, x)


@algorithms
def test_the_row_far_from_all_others_scores_highest(name: str) -> None:
    assert fitted(name).scores.argmax() == 0
    far = np.concatenate([fitted(name).new, fitted(name).scaler.transform(np.full((1, 6), -6.0))])
    assert fitted(name).detector.score(far).argmax() == len(far) - 1


@algorithms
def test_each_row_gets_one_finite_score(name: str) -> None:
    for scores in (fitted(name).scores, fitted(name).detector.score(fitted(name).new)):
        assert scores.shape == (300,)
        assert scores.dtype == np.float64
        assert np.isfinite(scores).all()


@algorithms
def test_scores_tell_rows_apart(name: str) -> None:
    assert len(np.unique(fitted(name).scores)) > 100
    assert len(np.unique(fitted(name).detector.score(fitted(name).new))) > 100


@algorithms
def test_the_same_seed_gives_the_same_scores_and_leaves_global_randomness_alone(name: str) -> None:
    np.random.seed(7)  # libraries draw from it
    next_draw = np.random.random()
    np.random.seed(7)
    again = fit(name, np.concatenate([np.full((1, 6), 6.0), rows()[1:]]))
    np.testing.assert_array_equal(again.scores, fitted(name).scores)
    np.testing.assert_array_equal(again.detector.score(again.new), fitted(name).detector.score(again.new))
    assert np.random.random() == next_draw


@algorithms
def test_a_row_scores_the_same_alone_and_in_a_batch_where_the_entry_says_so(name: str) -> None:
    one = fitted(name)
    alone = np.concatenate([one.detector.score(one.new[i : i + 1]) for i in range(5)])
    same = np.allclose(alone, one.detector.score(one.new)[:5], rtol=1e-6, atol=1e-9)
    assert same is one.entry.batch_independent


@algorithms
def test_rows_stay_as_they_were(name: str) -> None:
    x = catalogue_scaled(name, rows())
    before = x.copy()
    detector = catalogue.detector(name, {}, seed=0)
    detector.fit(x)
    detector.score(x)
    np.testing.assert_array_equal(x, before)


@algorithms
def test_read_only_rows_are_taken(name: str) -> None:
    one = fitted(name)
    new = one.new
    new.setflags(write=False)
    np.testing.assert_array_equal(one.detector.score(new), one.detector.score(one.new))


@algorithms
def test_a_restored_detector_scores_as_the_one_that_was_fitted(name: str) -> None:
    one = fitted(name)
    if not one.entry.saves:
        with pytest.raises(DomainError):
            one.detector.state()
        return
    restored = catalogue.detector(name, {}, seed=0)
    restored.restore(stored(one.detector.state()))
    np.testing.assert_array_equal(restored.score(one.new), one.detector.score(one.new))


@algorithms
@pytest.mark.parametrize(
    "x",
    [
        pytest.param(np.column_stack([rows(), np.full(300, 3.0)]), id="a constant column"),
        pytest.param(np.full((300, 3), 2.5), id="only constant columns"),
        pytest.param(rows(n_features=1), id="one column"),
        pytest.param(rows(n_rows=1), id="one row"),
        pytest.param(rows(n_rows=2), id="two rows"),
        pytest.param(rows(n_rows=10), id="ten rows"),
        pytest.param(rows(n_rows=20, n_features=40), id="more columns than rows"),
        pytest.param(np.repeat(rows(n_rows=3), 30, axis=0), id="thirty copies of three rows"),
        pytest.param(np.where(rows() > 2, 1.0, 0.0), id="mostly zeros"),
        pytest.param(rows() * 1e-6 + 1.7e9, id="small changes of large values"),
    ],
)
def test_odd_tables_are_scored_or_refused_in_our_words(name: str, x: Matrix) -> None:
    assert_scored_or_refused(name, x)


@algorithms
def test_the_planted_column_is_named_first(name: str) -> None:
    x = rows(seed=2)
    rng = np.random.default_rng(3)
    new, planted = rows(seed=4)[:PLANTED], rng.integers(6, size=PLANTED)
    new[np.arange(PLANTED), planted] = SPREAD * rng.choice([-1.0, 1.0], PLANTED)
    one = fit(name, x)
    found = contributions_by_column(
        one.detector,
        one.scaler.transform(new),
        typical=np.median(one.x, axis=0, keepdims=True),
        groups=[np.array([i]) for i in range(6)],
    )
    assert np.mean(found.argmax(axis=1) == planted) >= one.entry.planted_first


@algorithms
def test_exact_contributions_sum_to_the_score(name: str) -> None:
    one = fitted(name)
    explains_itself = isinstance(one.detector, ExplainsItself)
    assert explains_itself is (one.entry.explains is not Explains.ABLATION)
    if isinstance(one.detector, ExplainsItself):
        contributions = one.detector.contributions(one.new)
        assert contributions.shape == one.new.shape
        assert np.isfinite(contributions).all()
        if one.entry.explains is Explains.EXACT:
            expected = one.detector.score(one.new)
            np.testing.assert_allclose(contributions.sum(axis=1), expected, rtol=1e-6, atol=1e-9)


@algorithms
def test_the_class_takes_the_parameters_of_the_entry(name: str) -> None:
    offer = catalogue.offered(name)
    module, _, class_name = offer.target.partition(":")
    taken = {
        argument.name
        for argument in signature(getattr(import_module(module), class_name)).parameters.values()
        if argument.kind is Argument.KEYWORD_ONLY
    }
    assert taken == {"seed", *offer.fixed, *(p.name for p in offer.algorithm.parameters)}


@algorithms
def test_each_parameter_is_documented_and_refuses_what_is_out_of_range(name: str) -> None:
    for parameter in catalogue.algorithm(name).parameters:
        assert parameter.doc.endswith(".")
        assert parameter.checked(parameter.default) == parameter.default
        wrong: object = "no such choice" if parameter.choices else parameter.low and parameter.low - 1
        if wrong is not None:
            with pytest.raises(InvalidParameter):
                catalogue.detector(name, {parameter.name: wrong}, seed=0)


@algorithms
def test_every_choice_and_the_lowest_values_are_scored_or_refused_in_our_words(name: str) -> None:
    for parameter in catalogue.algorithm(name).parameters:
        for value in parameter.choices or (parameter.low,):
            if value is not None:
                assert_scored_or_refused(name, rows(n_rows=60), **{parameter.name: value})


def assert_scored_or_refused(name: str, x: Matrix, **parameters: object) -> None:
    try:
        one = fit(name, x, **parameters)
        scores = np.concatenate([one.scores, one.detector.score(one.x)])
    except DomainError as refusal:
        assert refusal.detail.endswith(".")  # noqa: PT017  # being scored is as good
        assert refusal.fix  # noqa: PT017
    else:
        assert np.isfinite(scores).all(), parameters


def catalogue_scaled(name: str, x: Matrix) -> Matrix:
    return Scaler.fit(x, catalogue.algorithm(name).scaling).transform(x).copy()


def stored(state: DetectorState) -> DetectorState:
    """As it comes back from a file: values from JSON, arrays read-only."""
    arrays = {name: array.copy() for name, array in state.arrays.items()}
    for array in arrays.values():
        array.setflags(write=False)
    loads: Callable[[str], dict[str, object]] = json.loads
    return DetectorState(loads(json.dumps(dict(state.values))), arrays, dict(state.blobs))
