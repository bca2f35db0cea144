"""A run's rows on a plane."""

from pathlib import Path

import numpy as np
import polars as pl
import pytest

from anomaly_detection.application.explanations.map_rows import MOST_FLAGGED, MOST_ROWS, NoMap
from anomaly_detection.application.runs.reading import FinishedRun
from anomaly_detection.domain.explanations.principal_axes import plane, varying
from tests.support.explaining import ODD, ODD_PAIR, TENANT, at_rate, explanations_of, finished_run, orders


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> FinishedRun:
    return finished_run(orders(), tmp_path_factory.mktemp("maps"))


def test_axes_are_those_of_scikit_learn() -> None:
    from sklearn.decomposition import PCA
    from sklearn.preprocessing import StandardScaler

    values = np.random.default_rng(1).normal(size=(300, 5)) @ np.random.default_rng(2).normal(size=(5, 5))
    reference = PCA(2).fit(StandardScaler().fit_transform(values))
    found = plane(values)
    np.testing.assert_allclose(found.shares, reference.explained_variance_ratio_, rtol=1e-9)
    theirs = reference.transform(StandardScaler().fit_transform(values))
    np.testing.assert_allclose(np.abs(found.places), np.abs(theirs), atol=1e-9)


def test_missing_numbers_become_medians_and_constant_columns_go() -> None:
    values = np.array([[1.0, 5.0, np.nan, 1e308], [np.nan, 5.0, np.nan, -1e308], [3.0, 5.0, np.nan, np.inf]])
    filled, kept = varying(values)
    assert kept.tolist() == [0, 3]
    assert filled[:, 0].tolist() == [1, 2, 3]
    assert np.isfinite(plane(filled).places).all()


def test_every_flagged_row_is_on_the_map_the_highest_scores_first(run: FinishedRun) -> None:
    found = explanations_of(run).map(TENANT, run.id)
    scores = [row.score for row in found.flagged]
    assert {ODD, ODD_PAIR} <= {row.row for row in found.flagged}
    assert scores == sorted(scores, reverse=True)
    assert min(scores) >= 0.8
    assert min(row.severity for row in found.flagged) >= 2
    assert len(found.flagged) == found.all_flagged
    assert len(found.usual) + len(found.flagged) == found.rows == 600
    assert found.columns == ("amount", "items", "score")
    assert 0 < sum(found.shares) <= 1


def test_of_many_rows_a_sample_is_drawn_the_same_every_time(tmp_path: Path) -> None:
    run = at_rate(finished_run(orders(6_000), tmp_path, algorithm="hbos", batch_rows=1_000), 0.1)
    found, again = (explanations_of(run).map(TENANT, run.id) for _ in range(2))
    assert len(found.flagged) == MOST_FLAGGED < found.all_flagged
    assert len(found.flagged) + len(found.usual) == MOST_ROWS
    assert found.flagged == again.flagged
    np.testing.assert_array_equal(found.usual, again.usual)


def test_one_numeric_column_makes_no_map(tmp_path: Path) -> None:
    run = finished_run(orders().select("id", "amount", "country"), tmp_path, algorithm="hbos")
    with pytest.raises(NoMap, match="looks at 1 numeric column that varies"):
        explanations_of(run).map(TENANT, run.id)


def test_whole_numbers_and_gaps_are_read_in_the_order_asked_for(run: FinishedRun, tmp_path: Path) -> None:
    from anomaly_detection.infrastructure.explanations.result_rows import ParquetRows

    rows, frame = np.array([599, 0, ODD_PAIR, 250]), orders()
    found = ParquetRows(run.result).values(["amount", "items"], rows)
    expected = frame[rows.tolist()].select(pl.col("amount", "items").cast(pl.Float64)).to_numpy()
    np.testing.assert_array_equal(found, expected)
