"""Every named algorithm explains rows by the column that is wrong, through the whole model: raw tables in, words out."""

from dataclasses import dataclass
from functools import cache

import numpy as np
import polars as pl
import pytest
from numpy.typing import NDArray

from anomaly_detection import AnomalyDetector
from anomaly_detection.application.explain_rows import RowExplainer
from anomaly_detection.domain.algorithm import Explains
from anomaly_detection.infrastructure.detectors import catalogue

ROWS = 400
PLANTED = 60
NAMED_FIRST = 0.95  # share of spoilt rows; for every algorithm with a name of its own
DEEP = [a for a in catalogue.algorithms() if a.extra == "deep"]

algorithms = pytest.mark.parametrize(
    "name",
    [pytest.param(a.name, marks=[pytest.mark.deep] if a in DEEP else []) for a in catalogue.algorithms()],
)
exact = pytest.mark.parametrize(
    "name", [a.name for a in catalogue.algorithms() if a.explains is Explains.EXACT and a not in DEEP]
)


@dataclass(frozen=True)
class Planted:
    """A training table and new rows of the same kind, each with one column spoilt."""

    training: pl.DataFrame
    rows: pl.DataFrame
    columns: list[str]  # the spoilt one of each row


def units(rng: np.random.Generator, n_rows: int) -> pl.DataFrame:
    """Four unrelated columns on different scales, three of which cannot be negative."""
    return pl.DataFrame(
        {
            "temperature": rng.normal(50, 5, n_rows),
            "waiting": rng.exponential(0.01, n_rows),
            "amount": rng.lognormal(8, 0.5, n_rows),
            "visits": rng.poisson(20, n_rows),
        }
    )


def related(rng: np.random.Generator, n_rows: int) -> pl.DataFrame:
    """Twelve columns that follow three hidden ones, with correlations up to about 0.9."""
    weights = np.random.default_rng(5).normal(size=(3, 12))
    values = rng.normal(size=(n_rows, 3)) @ weights + rng.normal(0, 0.7, (n_rows, 12))
    return pl.DataFrame(values * 10.0 ** np.arange(-4, 8), schema=[f"sensor_{i}" for i in range(12)])


@cache
def planted(kind: str) -> Planted:
    draw, sides = {"units": (units, [1.0]), "related": (related, [-1.0, 1.0])}[kind]
    rng = np.random.default_rng(0)
    training = draw(rng, ROWS)
    rows = draw(rng, PLANTED).cast(pl.Float64).to_numpy().copy()
    chosen = rng.integers(training.width, size=PLANTED)
    low, high = training.min().to_numpy()[0][chosen], training.max().to_numpy()[0][chosen]
    above = rng.choice(sides, PLANTED) > 0
    rows[np.arange(PLANTED), chosen] = np.where(above, high + (high - low), low - (high - low))
    return Planted(
        training,
        pl.DataFrame(rows, schema=training.columns),
        [training.columns[i] for i in chosen],
    )


def first_columns(detector: AnomalyDetector, rows: pl.DataFrame) -> list[str]:
    raw = detector.decision_function(rows)
    explained = RowExplainer(detector.model_).explain(rows, raw, rows=np.arange(len(rows)))
    return [explanation.contributions[0].column for explanation in explained]


def share(found: list[str], expected: list[str]) -> float:
    return float(np.mean([one == other for one, other in zip(found, expected, strict=True)]))


@algorithms
@pytest.mark.parametrize("kind", ["units", "related"])
def test_the_spoilt_column_is_named_first(name: str, kind: str) -> None:
    table = planted(kind)
    detector = AnomalyDetector(name).fit(table.training)
    found = share(first_columns(detector, table.rows), table.columns)
    assert found >= NAMED_FIRST


def shops(rng: np.random.Generator, n_rows: int) -> pl.DataFrame:
    """Two numbers and two columns of text."""
    return pl.DataFrame(
        {
            "amount": rng.lognormal(3, 0.4, n_rows),
            "items": rng.poisson(6, n_rows),
            "country": rng.choice(["NL", "BE", "DE", "FR"], n_rows, p=[0.4, 0.3, 0.2, 0.1]),
            "till": rng.choice(["a", "b", "c"], n_rows),
        }
    )


@algorithms
def test_a_rare_category_is_named_first(name: str) -> None:
    rng = np.random.default_rng(1)
    training = shops(rng, ROWS)
    training[17, "country"] = "KP"
    rows = shops(rng, PLANTED).with_columns(country=pl.lit("KP"))
    found = first_columns(AnomalyDetector(name).fit(training), rows)
    assert share(found, ["country"] * PLANTED) >= NAMED_FIRST


@exact
def test_exact_contributions_of_columns_sum_to_the_score_of_new_rows(name: str) -> None:
    rng = np.random.default_rng(2)
    detector = AnomalyDetector(name).fit(shops(rng, ROWS))
    rows = shops(rng, PLANTED)
    contributions: NDArray[np.float64] = RowExplainer(detector.model_).contributions(rows)
    assert contributions.shape == (PLANTED, 4)
    np.testing.assert_allclose(
        contributions.sum(axis=1), detector.decision_function(rows), rtol=1e-6, atol=1e-9
    )
