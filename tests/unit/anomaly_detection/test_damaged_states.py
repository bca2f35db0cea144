"""A stored detector whose parts do not fit together is refused before a kernel reads where nothing is."""

import numpy as np
import pytest
from numpy.typing import NDArray

from anomaly_detection.domain.detector import DetectorState
from anomaly_detection.infrastructure.detectors import catalogue
from anomaly_detection.infrastructure.detectors.own_entries import OWN

X = np.random.default_rng(0).normal(size=(100, 3))
OWN_NAMES = pytest.mark.parametrize("name", [offer.algorithm.name for offer in OWN])


def state_of(name: str) -> DetectorState:
    detector = catalogue.detector(name, {}, seed=0)
    detector.fit(X)
    return detector.state()


def restore_with(name: str, state: DetectorState, **arrays: NDArray[np.generic]) -> None:
    detector = catalogue.detector(name, {}, seed=0)
    detector.restore(DetectorState(state.values, {**state.arrays, **arrays}))


@OWN_NAMES
def test_an_array_cut_on_every_side_is_refused(name: str) -> None:
    state = state_of(name)
    for part, array in state.arrays.items():
        if array.size > 1:
            with pytest.raises(ValueError):
                restore_with(name, state, **{part: array[(slice(-1),) * array.ndim]})


@OWN_NAMES
def test_a_missing_array_is_refused(name: str) -> None:
    state = state_of(name)
    for part in state.arrays:
        remaining = {key: array for key, array in state.arrays.items() if key != part}
        with pytest.raises(KeyError):
            catalogue.detector(name, {}, seed=0).restore(DetectorState(state.values, remaining))


def test_a_tree_that_splits_on_a_feature_that_is_not_there_is_refused() -> None:
    state = state_of("isolation_forest")
    feature = state.arrays["feature"].copy()
    feature[0, 0] = 3
    with pytest.raises(ValueError, match="not there"):
        restore_with("isolation_forest", state, feature=feature)


def test_knots_without_an_end_are_refused() -> None:
    state = state_of("ecod")
    with pytest.raises(ValueError, match="infinity"):
        restore_with("ecod", state, knots=np.zeros_like(state.arrays["knots"]))
