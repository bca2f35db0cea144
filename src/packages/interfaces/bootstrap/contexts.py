"""The contexts, wired for one run of the command line. Importing this imports none of them."""

from typing import TYPE_CHECKING

from core.presentation.cli import Invocation

if TYPE_CHECKING:
    from anomaly_detection.api import AnomalyDetection
    from data_platform.api import DataPlatform
    from machine_learning.api import MachineLearning


def data_platform(run: Invocation) -> "DataPlatform":
    """Tables in and out, by the settings ``data.*``."""
    from data_platform import local_wiring

    setting = run.settings.get
    return local_wiring.build(
        spool_dir=setting("data.spool_dir"), spool_limit_gb=setting("data.spool_limit_gb")
    )


def anomaly_detection(run: Invocation) -> "AnomalyDetection":
    """Detection, by the settings ``data.batch_rows`` and ``compute.*``."""
    from anomaly_detection import local_wiring

    setting = run.settings.get
    warning = local_wiring.prepare_computing(
        threads=setting("compute.threads"), numba_cache_dir=setting("compute.numba_cache_dir")
    )
    if warning:
        run.console.warning(warning)
    return local_wiring.build(data_platform(run), batch_rows=setting("data.batch_rows"))


def machine_learning(run: Invocation) -> "MachineLearning":
    """Training and evaluation on top of detection."""
    from machine_learning import local_wiring

    return local_wiring.build(anomaly_detection(run))
