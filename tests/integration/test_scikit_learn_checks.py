"""scikit-learn's own checks of an estimator, all that apply."""

from collections.abc import Callable
from typing import Any
from unittest import SkipTest

import pytest
from sklearn.utils.estimator_checks import estimator_checks_generator

from anomaly_detection import AnomalyDetector

# Checks left out, with the reason; docs/guides quote this.
EXCLUDED = {
    "check_fit2d_1sample": "one row is refused, as the check asks, but in our words: 'X has 1 row', not '1 sample'",
    "check_array_api_input": "runs only with SCIPY_ARRAY_API set; rows are NumPy arrays or dataframes",
}
ESTIMATORS = (AnomalyDetector(), AnomalyDetector("isolation_forest", contamination=0.1))

Check = tuple[AnomalyDetector, Callable[[AnomalyDetector], None]]


def checks() -> list[Check]:
    return [check for one in ESTIMATORS for check in estimator_checks_generator(one)]


def name_of(check: Any) -> str:
    """Of ``functools.partial`` of a check."""
    return str(getattr(check, "func", check).__name__)


def titled(chosen: list[Check]) -> list[Any]:
    return [pytest.param(*check, id=f"{check[0].algorithm}-{name_of(check[1])}") for check in chosen]


@pytest.mark.parametrize(
    ("estimator", "check"), titled([c for c in checks() if name_of(c[1]) not in EXCLUDED])
)
def test_the_estimator_passes(estimator: AnomalyDetector, check: Callable[[AnomalyDetector], None]) -> None:
    check(estimator)


@pytest.mark.parametrize(("estimator", "check"), titled([c for c in checks() if name_of(c[1]) in EXCLUDED]))
def test_what_is_left_out_would_not_pass(
    estimator: AnomalyDetector, check: Callable[[AnomalyDetector], None]
) -> None:
    with pytest.raises((AssertionError, SkipTest)):
        check(estimator)


def test_every_exclusion_is_a_check_of_this_version() -> None:
    assert EXCLUDED.keys() <= {name_of(check) for _, check in checks()}


def test_it_says_what_it_is() -> None:
    tags = AnomalyDetector().__sklearn_tags__()
    assert tags.input_tags.allow_nan
    assert tags.estimator_type is None  # an outlier detector would have to predict -1 and 1
    assert not tags.target_tags.required
