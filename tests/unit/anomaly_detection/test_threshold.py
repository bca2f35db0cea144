import numpy as np
import pytest

from anomaly_detection import AnomalyDetector
from anomaly_detection.domain.threshold import (
    InvalidContamination,
    automatic_alert_rate,
    checked_contamination,
    end_of_the_bulk,
)


@pytest.mark.parametrize("contamination", [0.0, -0.1, 0.51, float("nan"), float("inf")])
def test_a_contamination_that_is_no_share_of_rows_is_refused(contamination: float) -> None:
    with pytest.raises(InvalidContamination, match=r"at most 0\.5"):
        checked_contamination(contamination)


@pytest.mark.parametrize("contamination", [None, 1e-9, 0.5])
def test_a_share_or_none_is_accepted(contamination: float | None) -> None:
    assert checked_contamination(contamination) == contamination


@pytest.mark.parametrize("n_rows", [200, 2000, 20_000])
@pytest.mark.parametrize("kind", ["normal", "uniform"])
def test_flat_scores_give_few_or_no_alerts(kind: str, n_rows: int) -> None:
    rates = [
        automatic_alert_rate(getattr(np.random.default_rng(seed), kind)(size=n_rows)) for seed in range(20)
    ]
    assert np.mean(rates) < 0.008


@pytest.mark.parametrize("share", [0.005, 0.02, 0.05])
def test_scores_that_stand_out_are_alerted_whatever_their_share(share: float) -> None:
    rng = np.random.default_rng(0)
    scores = np.concatenate([rng.normal(size=10_000), rng.normal(12, 1, size=int(10_000 * share))])
    assert automatic_alert_rate(scores) == pytest.approx(share / (1 + share), abs=0.003)


def test_the_rate_is_bounded() -> None:
    rng = np.random.default_rng(0)
    scores = np.concatenate([rng.normal(size=800), rng.normal(50, 1, size=200)])
    assert automatic_alert_rate(scores) <= 0.1


def test_the_end_of_an_exponential_tail_is_where_the_risk_puts_it() -> None:
    scores = np.random.default_rng(0).exponential(size=400_000)
    assert end_of_the_bulk(scores) == pytest.approx(np.log(1000), rel=0.05)


@pytest.mark.parametrize("scores", [np.ones(500), np.arange(10.0), np.repeat([0.0, 5.0], [450, 50])])
def test_scores_without_spread_in_their_bulk_give_no_alerts(scores: np.ndarray) -> None:
    assert automatic_alert_rate(scores) == 0


@pytest.mark.parametrize("n_features", [1, 2])
def test_distances_in_few_dimensions_do_not_make_noise_look_odd(n_features: int) -> None:
    rng = np.random.default_rng(0)
    noise = rng.normal(size=(3000, n_features))
    planted = np.concatenate([noise, np.full((20, n_features), 9.0) + rng.normal(size=(20, n_features))])
    assert AnomalyDetector().fit(noise).labels_.mean() < 0.015
    labels = AnomalyDetector().fit(planted).labels_
    assert labels[3000:].sum() >= 18
    assert labels[:3000].mean() < 0.015


def test_few_odd_rows_among_equal_ones_are_alerted() -> None:
    assert automatic_alert_rate(np.repeat([1.0, 9.0], [497, 3])) == 3 / 500
