"""Spearman's correlation between the numeric columns of a table."""

import numpy as np
import polars as pl
import pytest
from scipy.stats import spearmanr

from data_platform.domain import correlation
from data_platform.domain.correlation import Correlation, correlations
from data_platform.domain.preparation.looks import look_at

RANDOM = np.random.default_rng(3)
X = RANDOM.normal(size=400)
FRAME = pl.DataFrame(
    {
        "x": X,
        "power": X**3,
        "fall": -X + RANDOM.normal(size=400) / 2,
        "coarse": np.round(X),
        "noise": RANDOM.normal(size=400),
        "word": ["a", "b"] * 200,
        "same": [7.0] * 400,
    }
)


def strongest(frame: pl.DataFrame) -> dict[str, tuple[Correlation, ...]]:
    return dict(correlations(frame, list(look_at(frame).values())).strongest)


def test_the_strongest_come_first_with_their_sign_and_other_columns_have_none() -> None:
    found = strongest(FRAME)
    assert list(found) == ["x", "power", "fall", "coarse", "noise"]
    assert [each.column for each in found["x"]] == ["power", "coarse", "fall", "noise"]
    assert found["x"][0].spearman == 1
    assert found["x"][2].spearman < -0.8


@pytest.mark.parametrize("other", ["power", "fall", "coarse", "noise"])
def test_each_is_spearmans(other: str) -> None:
    [mine] = [each.spearman for each in strongest(FRAME)["x"] if each.column == other]
    assert mine == pytest.approx(spearmanr(FRAME["x"], FRAME[other]).statistic, abs=1e-4)


def test_a_pair_is_compared_where_both_have_a_value() -> None:
    gaps = FRAME.with_columns(
        pl.when(pl.col("x") > -1).then("power").alias("power"),
        pl.when(pl.int_range(400) < 5).then("noise").alias("noise"),
        pl.when(pl.int_range(400) % 3 == 0).then(float("nan")).otherwise("fall").alias("fall"),
    )
    found = {each.column: each.spearman for each in strongest(gaps)["x"]}
    assert found["power"] == pytest.approx(1, abs=0.01)
    assert found["fall"] == pytest.approx(spearmanr(FRAME["x"], FRAME["fall"]).statistic, abs=0.05)
    assert "noise" not in found  # five rows say nothing


def test_many_columns_are_compared_in_fewer_rows_and_too_many_not_at_all(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(correlation, "MOST_CELLS", 500)
    looks = list(look_at(FRAME).values())
    assert correlations(FRAME, looks).rows == 100
    assert correlations(FRAME, looks, seed=5) == correlations(FRAME, looks, seed=5)
    monkeypatch.setattr(correlation, "MOST_COLUMNS", 4)
    assert correlations(FRAME, looks).rows == 0
    assert correlations(FRAME, looks).strongest == {}
