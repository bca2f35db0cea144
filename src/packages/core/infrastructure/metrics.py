"""What this process counts for Prometheus. Labels are ids, words of ours or route templates, never names or input."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client.exposition import choose_encoder
from prometheus_client.metrics_core import Metric
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

FOLDER_VARIABLE = (
    "PROMETHEUS_MULTIPROC_DIR"  # prometheus_client's: where several processes add up what they count
)
PREFIX = "anomaly_detection_"
SECONDS = (0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
JOB_SECONDS = (0.1, 0.5, 1.0, 5.0, 15.0, 60.0, 300.0, 900.0, 3600.0)
MOST_SERIES = 2000  # of one metric whose labels tenants' acts make up; the rest is counted as OTHER
OTHER = "other"
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
Figures = Callable[[], Iterator[Metric]]


class Metrics:
    """One per process. Every metric has labels, so that a process that counts nothing leaves no trace."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        own = self._registry
        self.requests = Counter(
            f"{PREFIX}requests", "Requests answered.", ("method", "endpoint", "status"), registry=own
        )
        self.durations = Histogram(
            f"{PREFIX}request_duration_seconds",
            "From the request's head to the answer's end.",
            ("method", "endpoint"),
            buckets=SECONDS,
            registry=own,
        )
        self.anomalies = Counter(
            f"{PREFIX}anomalies_detected", "Rows flagged.", ("algorithm", "dataset"), registry=own
        )
        self.job_durations = Histogram(
            f"{PREFIX}job_duration_seconds",
            "Jobs that ended in this process, by what they ended as.",
            ("kind", "state"),
            buckets=JOB_SECONDS,
            registry=own,
        )
        self.model_cache = Counter(
            f"{PREFIX}model_cache", "Looks into the loaded models: hit or miss.", ("result",), registry=own
        )
        self.model_bytes = Gauge(
            f"{PREFIX}model_cache_bytes",
            "Memory of loaded models, about.",
            ("of",),
            multiprocess_mode="livesum",
            registry=own,
        )
        self._series: set[tuple[str, str]] = set()

    def observe_request(self, method: str, endpoint: str, status: int, seconds: float) -> None:
        method = method if method in METHODS else OTHER
        self.requests.labels(method, endpoint, str(status)).inc()
        self.durations.labels(method, endpoint).observe(seconds)

    def observe_job(self, kind: str, state: str, seconds: float) -> None:
        self.job_durations.labels(kind, state).observe(seconds)

    def count_anomalies(self, algorithm: str, dataset: str, rows: int) -> None:
        """``dataset`` is an id, or empty for rows that came with the request."""
        series = (algorithm, dataset)
        if series not in self._series and len(self._series) >= MOST_SERIES:
            series = (OTHER, OTHER)
        self._series.add(series)
        self.anomalies.labels(*series).inc(rows)

    def text(self, accept: str, stored: Figures) -> tuple[bytes, str]:
        """Everything in the form that ``accept`` asks for, and its media type; of all processes where they share a folder."""
        encode, media_type = choose_encoder(accept)
        if not os.environ.get(FOLDER_VARIABLE):
            return encode(Both(self._registry, stored)), media_type
        shared = CollectorRegistry()
        MultiProcessCollector(shared)  # type: ignore[no-untyped-call]  # of a library without types there
        return encode(Both(shared, stored)), media_type


def forget_dead_processes(folder: Path) -> None:
    """What they held is free; what they counted stays."""
    for path in folder.glob("gauge_live*_*.db"):
        if not Path("/proc", path.stem.rpartition("_")[2]).exists():
            path.unlink(missing_ok=True)


class Both(Collector):
    """What processes counted, and what is asked for now."""

    def __init__(self, counted: CollectorRegistry, stored: Figures) -> None:
        self._counted, self._stored = counted, stored

    def collect(self) -> Iterator[Metric]:
        yield from self._counted.collect()
        yield from self._stored()
