"""Outliers are of the kinds asked for and differ from normal rows as their kind says."""

import numpy as np
import pytest

from data_platform.domain.synthetic.spec import InvalidSpec
from data_platform.domain.synthetic.table import Mixture, OutlierKind, TableSpec

RANDOM = np.random.default_rng(0)
MIXTURE = Mixture.drawn(6, RANDOM)
NORMAL = MIXTURE.normal(20_000, RANDOM)


def oddness(rows: np.ndarray) -> np.ndarray:
    """Mahalanobis distance to the nearest cluster."""
    per_cluster = [
        np.linalg.norm(np.linalg.solve(factor, (rows - centre).T), axis=0)
        for centre, factor in zip(MIXTURE.centres, MIXTURE.factors, strict=True)
    ]
    nearest: np.ndarray = np.min(per_cluster, axis=0)
    return nearest


@pytest.mark.parametrize("kind", list(OutlierKind))
def test_outliers_lie_further_from_the_clusters_than_normal_rows(kind: OutlierKind) -> None:
    outliers = MIXTURE.outliers(kind, 2_000, RANDOM)
    assert np.median(oddness(outliers)) > np.quantile(oddness(NORMAL), 0.95)


def test_dependency_outliers_are_usual_in_every_single_column() -> None:
    outliers = MIXTURE.outliers(OutlierKind.DEPENDENCY, 5_000, RANDOM)
    assert np.allclose(np.quantile(outliers, 0.5, axis=0), np.quantile(NORMAL, 0.5, axis=0), atol=0.6)
    assert np.allclose(outliers.std(axis=0), NORMAL.std(axis=0), rtol=0.1)


def test_clustered_outliers_lie_together_outside_of_all_normal_rows() -> None:
    outliers = MIXTURE.outliers(OutlierKind.CLUSTERED, 2_000, RANDOM)
    assert (outliers.std(axis=0) < 1.2).all()
    assert oddness(outliers).min() > np.quantile(oddness(NORMAL), 0.999)


def test_the_asked_share_of_rows_are_outliers() -> None:
    spec = TableSpec(n_rows=1_000, n_features=3, anomaly_ratio=0.05)
    rows = spec.outlier_rows(np.random.default_rng(0))
    assert len(set(rows.tolist())) == 50


@pytest.mark.parametrize(
    "wrong",
    [
        {"n_rows": 0},
        {"n_features": 0},
        {"anomaly_ratio": 0.6},
        {"kinds": ()},
        {"n_features": 1},
        {"seed": -2},
    ],
)
def test_what_cannot_be_generated_is_refused(wrong: dict[str, object]) -> None:
    asked: dict[str, object] = {"n_rows": 100, "n_features": 3, "anomaly_ratio": 0.1}
    with pytest.raises(InvalidSpec):
        TableSpec(**(asked | wrong))  # type: ignore[arg-type]  # wrong on purpose
