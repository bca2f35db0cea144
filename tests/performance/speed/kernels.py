"""Detectors beside the libraries' own, in one process on the same rows."""

from collections.abc import Iterator

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

from anomaly_detection import AnomalyDetector
from anomaly_detection.domain.detector import Detector
from anomaly_detection.infrastructure.detectors import catalogue
from anomaly_detection.infrastructure.kernels.threads import use_threads
from tests.performance.speed.timing import Row, per_call, seconds, side_by_side

MILLION = 1_000_000
N_FEATURES = 20


def rows(n_rows: int, dtype: type = np.float64) -> NDArray[np.float64]:
    """Gaussian rows with a percent of outliers."""
    rng = np.random.default_rng(0)
    x = rng.standard_normal((n_rows, N_FEATURES))
    x[: n_rows // 100] *= 4
    return np.asarray(x, dtype=dtype)


def fitted(name: str, x: NDArray[np.float64]) -> Detector:
    detector = catalogue.detector(name, {}, seed=0)
    detector.fit(x)
    return detector


def forest() -> Iterator[Row]:
    import coniferest.isoforest
    import isotree

    x = rows(MILLION)
    x32 = rows(MILLION, np.float32)
    learned = x[:100_000]
    ours, sklearn = fitted("isolation_forest", learned), IsolationForest(random_state=0).fit(x32[:100_000])
    use_threads(1)
    score = "isolation forest, score 1M x 20"
    yield side_by_side(
        f"{score} float32, 1 thread", ours=lambda: ours.score(x32), peer="scikit-learn",
        theirs=lambda: sklearn.score_samples(x32), target=5,
    )  # fmt: skip
    coniferest_forest = coniferest.isoforest.IsolationForest(n_jobs=1).fit(learned)
    yield side_by_side(
        f"{score}, 1 thread", ours=lambda: ours.score(x), peer="coniferest",
        theirs=lambda: coniferest_forest.score_samples(x), target=None, repeats=3,
    )  # fmt: skip
    tree = isotree.IsolationForest(ndim=1, ntrees=100, sample_size=256, missing_action="fail", nthreads=1)
    tree.fit(learned)
    yield side_by_side(
        f"{score}, 1 thread", ours=lambda: ours.score(x), peer="isotree", theirs=lambda: tree.predict(x),
        target=None, repeats=3,
    )  # fmt: skip
    yield side_by_side(
        "isolation forest, fit with training scores, 1M x 20, 1 thread",
        ours=lambda: catalogue.detector("isolation_forest", {}, seed=0).fit(x), peer="PyOD",
        theirs=lambda: IForest(random_state=0).fit(x), target=10, repeats=3,
    )  # fmt: skip
    use_threads(2)

    def two_threads() -> None:
        with parallel_config("threading", n_jobs=2):
            sklearn.score_samples(x32)

    yield side_by_side(
        f"{score} float32, 2 threads", ours=lambda: ours.score(x32), peer="scikit-learn (threading, 2)",
        theirs=two_threads, target=5,
    )  # fmt: skip


def one_row() -> Iterator[Row]:
    x = rows(10_000)
    ours = AnomalyDetector(algorithm="isolation_forest").fit(x)
    sklearn = IsolationForest(random_state=0).fit(x)
    one, calls = x[:1].copy(), 100
    row = side_by_side(
        "isolation forest, one row, validation included",
        ours=per_call(lambda: ours.decision_function(one), calls), peer="scikit-learn",
        theirs=per_call(lambda: sklearn.score_samples(one), calls), target=200,
    )  # fmt: skip
    yield Row(row.what, row.peer, row.ours / calls, (row.theirs or 0) / calls, row.target)


def statistics() -> Iterator[Row]:
    use_threads(1)
    x32, x = rows(MILLION, np.float32), rows(100_000)
    yield side_by_side(
        "HBOS, fit and score, 1M x 20 float32, 1 thread",
        ours=lambda: catalogue.detector("hbos", {}, seed=0).fit(x32), peer="PyOD",
        theirs=lambda: HBOS().fit(x32), target=10, repeats=3,
    )  # fmt: skip
    for name, peer in (("ecod", ECOD), ("copod", COPOD)):
        yield side_by_side(
            f"{name.upper()}, fit with training scores, 100k x 20, 1 thread",
            ours=lambda name=name: catalogue.detector(name, {}, seed=0).fit(x), peer="PyOD",  # type: ignore[misc]
            theirs=lambda peer=peer: peer().fit(x), target=2, repeats=3,  # type: ignore[misc]
        )  # fmt: skip
        ours, theirs = fitted(name, x), peer().fit(x)
        yield side_by_side(
            f"{name.upper()}, score 10,000 new rows, 1 thread", ours=lambda ours=ours: ours.score(x[:10_000]),  # type: ignore[misc]
            peer="PyOD", theirs=lambda theirs=theirs: theirs.decision_function(x[:10_000]), target=20, repeats=3,  # type: ignore[misc]
        )  # fmt: skip


def neighbours() -> Iterator[Row]:
    use_threads(2)
    x = rows(100_000)
    for name, peer in (("knn", KNN), ("lof", LOF)):
        catalogue.detector(name, {}, seed=0).fit(x[:2000])
        mine = seconds(lambda name=name: catalogue.detector(name, {}, seed=0).fit(x))  # type: ignore[misc]
        others = seconds(lambda peer=peer: peer(n_jobs=2).fit(x))  # type: ignore[misc]
        yield Row(
            f"{name}, fit with training scores, 100k x 20, 2 threads",
            "PyOD (n_jobs=2)",
            mine,
            others,
            5,
            "one run each",
        )


def automatic() -> Iterator[Row]:
    use_threads(2)
    for n_rows, limit in ((20_000, "target 3 s"), (MILLION, "target 60 s")):
        x = rows(n_rows)
        AnomalyDetector().fit(x[:1000])
        taken = seconds(lambda x=x: AnomalyDetector().fit(x))  # type: ignore[misc]
        yield Row(f"auto, fit and score {n_rows:,} x 20, 2 threads", "-", taken, None, None, limit)
