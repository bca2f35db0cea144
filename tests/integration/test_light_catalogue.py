import subprocess
import sys

HEAVY = {"numba", "sklearn", "pyod", "faiss", "torch", "scipy"}
LISTING = """
import sys
from anomaly_detection.infrastructure.detectors import catalogue
catalogue.algorithms()
catalogue.algorithm("iforest")
print(*sorted(sys.modules))
"""
SMALL_WORK = """
import sys
import numpy as np
from anomaly_detection.infrastructure.detectors import catalogue
x = np.random.default_rng(0).normal(size=(5000, 10))
for name in ("isolation_forest", "subsampled_knn", "hbos", "ecod", "copod", "z_score", "modified_z_score", "iqr"):
    detector = catalogue.detector(name, {}, seed=0)
    detector.fit(x)
    detector.score(x)
    detector.contributions(x[:100])
print(*sorted(sys.modules))
"""


def modules_after(code: str) -> set[str]:
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return set(done.stdout.split())


def test_listing_the_algorithms_imports_none_of_their_libraries() -> None:
    assert not modules_after(LISTING) & HEAVY


def test_small_work_with_our_own_detectors_loads_no_compiler() -> None:
    assert not modules_after(SMALL_WORK) & HEAVY
