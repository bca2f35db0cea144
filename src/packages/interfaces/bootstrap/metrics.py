"""The figures of this installation: what processes counted, and what the database says now."""

from collections.abc import Iterator
from functools import partial

from prometheus_client.metrics_core import CounterMetricFamily, GaugeMetricFamily, Metric
from sqlalchemy import func, select
from sqlalchemy.exc import SQLAlchemyError

from core.domain.public_ids import shown
from core.infrastructure.database import Purpose
from core.infrastructure.job_queue import UNREACHABLE
from core.infrastructure.jobs import JobState, jobs
from core.infrastructure.logging import get_logger
from core.infrastructure.metrics import PREFIX
from enterprise.api import Enterprise, TenantState
from interfaces.bootstrap.service import Service
from interfaces.presentation.metrics_http import MetricsText
from machine_learning.api import ModelRegistry

COUNTED = "hits", "misses"


def metrics_text(service: Service) -> MetricsText:
    return MetricsText(partial(service.metrics.text, stored=partial(stored_figures, service)))


def stored_figures(service: Service) -> Iterator[Metric]:
    """Each group is left out where what it stands on does not answer."""
    for figures in (_jobs, _queue, _tenants, _models):
        try:
            yield from list(figures(service))
        except (SQLAlchemyError, *UNREACHABLE) as error:
            get_logger(__name__).warning("figures_left_out", reason=type(error).__name__)


class CacheCounts:
    """Carries the figures of the loaded models over to the metrics, when it is called."""

    def __init__(self, service: Service) -> None:
        registry: ModelRegistry = service.bundles[ModelRegistry]
        self._figures, self._metrics = registry.detectors.figures, service.metrics
        self._before = dict.fromkeys(COUNTED, 0)

    def __call__(self) -> None:
        now = {name: getattr(self._figures, name) for name in COUNTED}
        for name, result in zip(COUNTED, ("hit", "miss"), strict=True):
            self._metrics.model_cache.labels(result).inc(now[name] - self._before[name])
        self._before = now
        self._metrics.model_bytes.labels("models").set(self._figures.size)


def _jobs(service: Service) -> Iterator[Metric]:
    by_state = select(jobs.c.state, func.count()).group_by(jobs.c.state)
    with service.storage.database.as_system(Purpose.OPERATOR) as session:
        counts = {str(state): count for state, count in session.execute(by_state)}
    found = GaugeMetricFamily(f"{PREFIX}jobs", "Jobs that are kept, by state.", labels=("state",))
    for state in JobState:
        found.add_metric((state.value,), counts.get(state.value, 0))
    yield found


def _queue(service: Service) -> Iterator[Metric]:
    depth = service.queue.open().depth()
    yield GaugeMetricFamily(f"{PREFIX}queue_depth", "Messages that no worker has read yet.", value=depth)


def _tenants(service: Service) -> Iterator[Metric]:
    enterprise: Enterprise = service.bundles[Enterprise]
    figures = enterprise.figures()
    found = GaugeMetricFamily(f"{PREFIX}tenants", "Tenants, by state.", labels=("state",))
    for state in TenantState:
        found.add_metric((state.value,), figures.by_state.get(state.value, 0))
    yield found
    yield CounterMetricFamily(
        f"{PREFIX}audit_entries", "Entries of all audit chains.", value=figures.audit_entries
    )


def _models(service: Service) -> Iterator[Metric]:
    registry: ModelRegistry = service.bundles[ModelRegistry]
    found = GaugeMetricFamily(
        f"{PREFIX}model_accuracy",
        "Precision of champions on the labels they were last measured on.",
        labels=("model_id", "algorithm"),
    )
    for each in registry.precisions():
        found.add_metric((shown("mdl", each.model_id), each.algorithm), each.precision)
    yield found
