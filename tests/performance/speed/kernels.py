"""Detectors beside the libraries' own, in one process on the same rows."""

import time
from collections.abc import Iterator
from functools import partial
from typing import Any

import coniferest.isoforest
import isotree
import numpy as np
from joblib import parallel_config
from numpy.typing import NDArray
from pyod.models.copod import COPOD
from pyod.models.ecod import ECOD
from pyod.models.hbos import HBOS
from pyod.models.iforest import IForest
from pyod.models.knn import KNN
from pyod.models.lof import LOF
from sklearn.ensemble import IsolationForest
from sklearn.metrics import roc_auc_score

from anomaly_detection import AnomalyDetector
from anomaly_detection.domain.detector import Detector
from anomaly_detection.infrastructure.detectors import catalogue
from anomaly_detection.infrastructure.kernels.threads import use_threads
from tests.performance.speed.timing import Row, per_call, seconds, side_by_side

MILLION = 1_000_000
SIZES = {100_000: "100k", MILLION: "1M"}
N_FEATURES = 20
OUTLIERS = 100  # one row in so many


def rows(n_rows: int, dtype: type = np.float64) -> NDArray[np.float64]:
    """Gaussian rows; the first percent is four times as wide."""
    rng = np.random.default_rng(0)
    x = rng.standard_normal((n_rows, N_FEATURES))
    x[: n_rows // OUTLIERS] *= 4
    return np.asarray(x, dtype=dtype)


def auroc(scores: NDArray[np.float64]) -> float:
    return float(roc_auc_score(np.arange(len(scores)) < len(scores) // OUTLIERS, scores))


def fitted(name: str, x: NDArray[np.float64]) -> Detector:
    detector = catalogue.detector(name, {}, seed=0)
    detector.fit(x)
    return detector


def forest_scoring() -> Iterator[Row]:
    """100 trees of 256 rows everywhere; float32 for scikit-learn and PyOD, which convert to it."""
    learned = rows(100_000)
    ours = fitted("isolation_forest", learned)
    sklearn = IsolationForest(random_state=0).fit(learned.astype(np.float32))
    pyod = IForest(random_state=0).fit(learned.astype(np.float32))
    coniferest_forest = coniferest.isoforest.IsolationForest(n_jobs=1).fit(learned)
    isotree_forest = isotree.IsolationForest(ndim=1, ntrees=100, sample_size=256, nthreads=1).fit(learned)
    use_threads(1)
    for n_rows, size in SIZES.items():
        x, x32 = rows(n_rows), rows(n_rows, np.float32)
        what, repeats = f"isolation forest, score {size} x 20", 5 if n_rows < MILLION else 3
        for peer, score, scored, target in (
            ("scikit-learn", sklearn.score_samples, x32, 5),
            ("PyOD", pyod.decision_function, x32, None),
            ("coniferest", coniferest_forest.score_samples, x, None),
            ("isotree", isotree_forest.predict, x, None),
        ):
            yield side_by_side(
                f"{what} {scored.dtype}, 1 thread", ours=partial(ours.score, scored), peer=peer,
                theirs=partial(score, scored), target=target, repeats=repeats,
            )  # fmt: skip
    use_threads(2)

    def two_threads() -> None:
        with parallel_config("threading", n_jobs=2):
            sklearn.score_samples(x32)

    yield side_by_side(
        "isolation forest, score 1M x 20 float32, 2 threads", ours=partial(ours.score, x32),
        peer="scikit-learn (threading, 2)", theirs=two_threads, target=5, repeats=3, clock=time.perf_counter,
    )  # fmt: skip


def forest_fitting() -> Iterator[Row]:
    use_threads(1)
    for n_rows, size in SIZES.items():
        x = rows(n_rows)
        yield side_by_side(
            f"isolation forest, fit with training scores, {size} x 20, 1 thread",
            ours=partial(fitted, "isolation_forest", x), peer="PyOD", theirs=partial(IForest(random_state=0).fit, x),
            target=10 if n_rows == MILLION else None, repeats=3,
        )  # fmt: skip


def one_row() -> Iterator[Row]:
    x = rows(10_000)
    ours = AnomalyDetector(algorithm="isolation_forest").fit(x)
    sklearn = IsolationForest(random_state=0).fit(x)
    one, calls = x[:1].copy(), 100
    row = side_by_side(
        "isolation forest, one row, validation included",
        ours=per_call(partial(ours.decision_function, one), calls), peer="scikit-learn",
        theirs=per_call(partial(sklearn.score_samples, one), calls), target=200, repeats=9,
    )  # fmt: skip
    yield Row(row.what, row.peer, row.ours / calls, (row.theirs or 0) / calls, row.target)


def statistics() -> Iterator[Row]:
    use_threads(1)
    x32, x = rows(MILLION, np.float32), rows(100_000)
    yield side_by_side(
        "HBOS, fit and score, 1M x 20 float32, 1 thread", ours=partial(fitted, "hbos", x32), peer="PyOD",
        theirs=partial(HBOS().fit, x32), target=10, repeats=3,
    )  # fmt: skip
    yield from tails("ecod", ECOD, x)
    yield from tails("copod", COPOD, x)


def tails(name: str, peer: Any, x: NDArray[np.float64]) -> Iterator[Row]:
    new = x[:10_000].copy()
    ours, theirs = fitted(name, x), peer().fit(x)
    yield side_by_side(
        f"{name.upper()}, fit with training scores, 100k x 20, 1 thread", ours=partial(fitted, name, x),
        peer="PyOD", theirs=partial(peer().fit, x), target=2, repeats=3,
    )  # fmt: skip
    yield side_by_side(
        f"{name.upper()}, score 10,000 new rows, 1 thread", ours=partial(ours.score, new), peer="PyOD",
        theirs=partial(theirs.decision_function, new), target=20, repeats=3,
    )  # fmt: skip


def neighbours() -> Iterator[Row]:
    """20 neighbours on both sides, and for k-NN their mean distance."""
    use_threads(1)
    x = rows(100_000)
    for name, peer in (("knn", KNN(n_neighbors=20, method="mean")), ("lof", LOF(n_neighbors=20))):
        fitted(name, x[:2000])
        yield one_fit_each(name, peer, x)


def one_fit_each(name: str, peer: Any, x: NDArray[np.float64]) -> Row:
    """One run, as the peers take minutes; with the AUROC of the training scores."""
    detector = catalogue.detector(name, {}, seed=0)
    found: list[NDArray[np.float64]] = []
    ours = seconds(lambda: found.append(detector.fit(x)), time.process_time)
    theirs = seconds(partial(peer.fit, x), time.process_time)
    remark = f"one run; AUROC {auroc(found[0]):.3f}, PyOD's {auroc(peer.decision_scores_):.3f}"
    return Row(f"{name}, fit with training scores, 100k x 20, 1 thread", "PyOD", ours, theirs, 5, remark)


def automatic() -> Iterator[Row]:
    use_threads(2)
    for n_rows, size, limit in ((20_000, "20k", 3), (MILLION, "1M", 60)):
        taken = seconds(partial(AnomalyDetector().fit, rows(n_rows)))
        yield Row(
            f"auto, fit and score {size} x 20, 2 threads",
            "-",
            taken,
            None,
            None,
            f"target {limit} s, one run",
        )
