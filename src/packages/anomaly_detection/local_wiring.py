"""Puts together what works on one person's files: without a database, whose libraries are slow to import."""

from importlib import import_module
from pathlib import Path

from anomaly_detection.api import AnomalyDetection, DetectAnomalies, ExplainRow, FitModel
from anomaly_detection.infrastructure.detectors import catalogue
from anomaly_detection.infrastructure.kernels import cache
from anomaly_detection.infrastructure.kernels.threads import use_threads
from anomaly_detection.infrastructure.model_file import ZipModelFiles
from data_platform.api import BATCH_ROWS, DataPlatform


def build(platform: DataPlatform, *, batch_rows: int = BATCH_ROWS) -> AnomalyDetection:
    """The context on top of ``platform``; importing this module imports NumPy and Polars, no algorithm."""
    fit = FitModel(catalogue)
    return AnomalyDetection(
        catalogue=catalogue,
        models=ZipModelFiles(catalogue),
        fit=fit,
        detect=DetectAnomalies(fit, platform.open_sink, batch_rows),
        explain=ExplainRow(),
    )


def prepare_computing(*, threads: int | None, numba_cache_dir: Path | None) -> str | None:
    """Set, for this process, how many threads kernels use and where compiled ones are kept; gives a warning or None."""
    use_threads(threads)
    return cache.prepare(numba_cache_dir) if numba_cache_dir else None


def load_kernels() -> None:
    """Import the compiled kernels, which compiles those that are not kept: no request waits for it later."""
    for name in ("forest", "histograms", "tails", "draws"):
        import_module(f"{__package__}.infrastructure.kernels.{name}_compiled")
