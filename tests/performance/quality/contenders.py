"""Who is compared: the catalogue, and PyOD's detectors with the defaults they come with."""

import time
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib import import_module

import numpy as np
from numpy.typing import NDArray

from anomaly_detection import AnomalyDetector
from anomaly_detection.infrastructure.detectors import catalogue
from tests.performance.quality.tables import LabelledTable

PYOD = {
    "CBLOF": "cblof",
    "IForest": "iforest",
    "MCD": "mcd",
    "INNE": "inne",
    "HBOS": "hbos",
    "COPOD": "copod",
    "OCSVM": "ocsvm",
    "KNN": "knn",
    "ECOD": "ecod",
    "PCA": "pca",
    "LOF": "lof",
    "LODA": "loda",
}
MOST_ROWS = {"OCSVM": 10_000, "MCD": 10_000}  # fitted, drawn at random: the others take minutes
MOST_FEATURES = {"MCD": 100, "mcd": 100}  # likewise, ours too


@dataclass(frozen=True, slots=True)
class Contender:
    """``score`` gives one raw score per row of a table, learned from those rows without labels."""

    name: str
    score: Callable[[LabelledTable], NDArray[np.float64]]


def ours(names: tuple[str, ...] = ()) -> Iterator[Contender]:
    """The named algorithms of the catalogue, or all of them."""
    for algorithm in catalogue.algorithms():
        if not names or algorithm.name in names:
            yield Contender(algorithm.name, scorer(algorithm.name))


def scorer(algorithm: str) -> Callable[[LabelledTable], NDArray[np.float64]]:
    def score(table: LabelledTable) -> NDArray[np.float64]:
        if too_wide(table, algorithm):
            return np.full(len(table.rows), np.nan)
        return AnomalyDetector(algorithm=algorithm, random_state=0).fit(table.rows).decision_scores_

    return score


def too_wide(table: LabelledTable, name: str) -> bool:
    return bool(table.rows.shape[1] > MOST_FEATURES.get(name, np.inf))


def pyod() -> Iterator[Contender]:
    """PyOD's detectors with their defaults on standardised rows; NaN for tables that are not for them."""
    for name, module in PYOD.items():
        yield Contender(f"PyOD {name}", pyod_scorer(name, module))


def pyod_scorer(name: str, module: str) -> Callable[[LabelledTable], NDArray[np.float64]]:
    def score(table: LabelledTable) -> NDArray[np.float64]:
        if not isinstance(table.rows, np.ndarray) or too_wide(table, name):
            return np.full(len(table.rows), np.nan)
        deviation = table.rows.std(axis=0)
        x = (table.rows - table.rows.mean(axis=0)) / np.where(deviation > 0, deviation, 1)
        kind = getattr(import_module(f"pyod.models.{module}"), name)
        np.random.seed(0)  # PyOD's LODA asks the global generator
        detector = kind(**({"random_state": 0} if "random_state" in kind().get_params() else {}))
        fitted = np.random.default_rng(0).permutation(len(x))[: MOST_ROWS.get(name, len(x))]
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            detector.fit(x[np.sort(fitted)])
            if len(fitted) == len(x):
                return np.asarray(detector.decision_scores_)
            return np.asarray(detector.decision_function(x))

    return score


def timed(contender: Contender, table: LabelledTable) -> tuple[NDArray[np.float64], float]:
    """The scores and the seconds they took."""
    start = time.perf_counter()
    return contender.score(table), time.perf_counter() - start
