"""What needs somebody now, of one tenant: runs, labels, data and jobs of a time range."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from heapq import nlargest
from typing import TypeVar

from anomaly_detection.api import (
    Definitions,
    LabelFilter,
    Labels,
    LabelView,
    Precision,
    RunFilter,
    RunOutcome,
    Runs,
    RunView,
    Verdict,
)
from core.api import Jobs
from core.application.job_list import JobFilter, JobView
from core.application.jobs import JobState
from core.domain.ids import TenantId
from core.domain.page import Counting
from data_platform.api import Datasets

T = TypeVar("T")
MOST_RUNS = 10_000  # that are counted
MOST_LABELS = 500
MOST_NAMED = 200  # detectors and datasets
SHOWN = 8
ACTIVE = (JobState.QUEUED, JobState.RUNNING)
BARS = 24
LABELS_OF = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Span:
    """A time range, without its end."""

    since: datetime
    until: datetime

    @property
    def before(self) -> "Span":
        """As long, ending where this begins."""
        return Span(self.since - (self.until - self.since), self.since)

    def has(self, at: datetime) -> bool:
        return self.since <= at < self.until

    def step(self, at: datetime) -> int:
        """Which of 24 equal steps, the oldest being 0."""
        share = (at - self.since) / (self.until - self.since)
        return min(BARS - 1, max(0, int(share * BARS)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Activity:
    """Of a run or of a label; ``row_opens``: the run in which the label was given is still there."""

    at: datetime
    run: RunView | None = None
    label: LabelView | None = None
    row_opens: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """Of runs in a time range."""

    runs: int
    rows: int
    anomalies: int

    @classmethod
    def of(cls, runs: Iterable[RunOutcome]) -> "Tally":
        done = list(runs)
        return cls(
            runs=len(done),
            rows=sum(run.rows for run in done),
            anomalies=sum(run.anomalies for run in done),
        )

    @property
    def rate(self) -> float | None:
        return self.anomalies / self.rows if self.rows else None


@dataclass(frozen=True, slots=True, kw_only=True)
class DetectorHealth:
    """Of detectors that have ever run: ``failing`` are the names of those whose last run failed. ``idle`` have not."""

    ran: int
    idle: int
    failing: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Overview:
    """``per_step`` tallies the range's 24 equal steps, the oldest first; ``oldest`` names the dataset that waited longest
    for new rows, and when it had them; ``is_cut``: there are more runs than are counted."""

    has_data: bool
    datasets: int
    oldest: tuple[str, datetime] | None
    now: Tally
    before: Tally
    is_cut: bool
    by_severity: Mapping[str, int]
    per_step: tuple[Tally, ...]
    detectors: DetectorHealth
    failed_per_step: tuple[int, ...]
    precision: Precision
    labels_per_step: tuple[int, ...]
    attention: tuple[RunView, ...]  # with anomalies, the worst first
    failed: tuple[JobView, ...]
    active_jobs: int
    activity: tuple[Activity, ...]


@dataclass(frozen=True, slots=True)
class LookOver:
    datasets: Datasets
    runs: Runs
    labels: Labels
    jobs: Jobs
    detectors: Definitions

    def __call__(self, tenant_id: TenantId, span: Span, now: datetime) -> Overview:
        known = self.datasets.queries.page(
            tenant_id, search=None, sort="-created_at", limit=MOST_NAMED, cursor=None, count=Counting.EXACT
        )
        stored = self.datasets.queries.newest(tenant_id, [each.id for each in known.items])
        lags = [
            (each.name, version.stored_at)
            for each in known.items
            if (version := stored.get(each.id)) and version.stored_at
        ]
        found = self._outcomes(tenant_id, span)
        recent = [run for run in found if span.has(run.created_at)]
        return Overview(
            has_data=bool(known.items),
            datasets=known.total or 0,
            oldest=min(lags, key=lambda each: each[1], default=None),
            now=Tally.of(recent),
            before=Tally.of(run for run in found if span.before.has(run.created_at)),
            is_cut=len(found) >= MOST_RUNS,
            by_severity=_by_severity(recent),
            per_step=tuple(map(Tally.of, _in_steps(recent, span, lambda run: run.created_at))),
            detectors=self._health(tenant_id),
            failed_per_step=_counted(
                [run for run in recent if run.has_failed], span, lambda run: run.created_at
            ),
            precision=self._precision(tenant_id, now - LABELS_OF),
            labels_per_step=self._labels_per_step(tenant_id, Span(now - LABELS_OF, now)),
            attention=self._attention(tenant_id, recent),
            failed=self._failed(tenant_id, span),
            active_jobs=self._active(tenant_id),
            activity=self._activity(tenant_id),
        )

    def _outcomes(self, tenant_id: TenantId, span: Span) -> Sequence[RunOutcome]:
        """Of the range and of the one before, the newest first."""
        wanted = RunFilter(since=span.before.since, until=span.until)
        return self.runs.queries.outcomes(tenant_id, wanted, limit=MOST_RUNS)

    def _attention(self, tenant_id: TenantId, runs: Iterable[RunOutcome]) -> tuple[RunView, ...]:
        """Runs with anomalies, the worst first."""
        worst = nlargest(SHOWN, (run for run in runs if run.anomalies), key=_urgency)
        views = self.runs.queries.these(tenant_id, [run.id for run in worst])
        return tuple(views[run.id] for run in worst if run.id in views)

    def _health(self, tenant_id: TenantId) -> DetectorHealth:
        known = self.detectors.queries.page(tenant_id, sort="name", limit=MOST_NAMED, cursor=None).items
        last = self.runs.queries.latest(tenant_id, [each.id for each in known])
        return DetectorHealth(
            ran=len(last),
            idle=len(known) - len(last),
            failing=tuple(
                each.name for each in known if each.id in last and last[each.id].state == JobState.FAILED
            ),
        )

    def _failed(self, tenant_id: TenantId, span: Span) -> tuple[JobView, ...]:
        wanted = JobFilter((JobState.FAILED,), since=span.since, until=span.until)
        return tuple(self.jobs.queries.page(tenant_id, wanted, limit=SHOWN, cursor=None).items)

    def _activity(self, tenant_id: TenantId) -> tuple[Activity, ...]:
        """Of any time, the newest first."""
        labels = self.labels.queries.labels(tenant_id, LabelFilter(), limit=SHOWN, cursor=None).items
        newest = self.runs.queries.runs(
            tenant_id, RunFilter(), sort="-created_at", limit=SHOWN, cursor=None
        ).items
        kept = self.runs.queries.these(tenant_id, [label.run_id for label in labels if label.run_id])
        of_runs = [Activity(at=run.finished_at or run.created_at, run=run) for run in newest]
        of_labels = [
            Activity(at=label.labelled_at, label=label, row_opens=label.run_id in kept) for label in labels
        ]
        return tuple(sorted([*of_runs, *of_labels], key=lambda each: each.at, reverse=True)[: SHOWN + 2])

    def _active(self, tenant_id: TenantId) -> int:
        page = self.jobs.queries.page(
            tenant_id, JobFilter(ACTIVE), limit=1, cursor=None, count=Counting.EXACT
        )
        return page.total or 0

    def _precision(self, tenant_id: TenantId, since: datetime) -> Precision:
        counts = {}
        for verdict in (Verdict.TRUE, Verdict.FALSE_POSITIVE):
            wanted = LabelFilter(verdicts=(verdict,), since=since)
            page = self.labels.queries.labels(tenant_id, wanted, limit=1, cursor=None, count=Counting.EXACT)
            counts[verdict] = page.total or 0
        return Precision(counts)

    def _labels_per_step(self, tenant_id: TenantId, span: Span) -> tuple[int, ...]:
        wanted = LabelFilter(since=span.since)
        page = self.labels.queries.labels(tenant_id, wanted, limit=MOST_LABELS, cursor=None)
        return _counted(page.items, span, lambda label: label.labelled_at)


def _by_severity(runs: Iterable[RunOutcome]) -> Mapping[str, int]:
    total: Counter[str] = Counter()
    for run in runs:
        total.update(run.by_severity)
    return {name: total[name] for name in ("critical", "high", "medium")}


def _in_steps(items: Iterable[T], span: Span, at: Callable[[T], datetime]) -> list[list[T]]:
    steps: list[list[T]] = [[] for _ in range(BARS)]
    for item in items:
        steps[span.step(at(item))].append(item)
    return steps


def _counted(items: Iterable[T], span: Span, at: Callable[[T], datetime]) -> tuple[int, ...]:
    return tuple(map(len, _in_steps(items, span, at)))


def _urgency(run: RunOutcome) -> tuple[int, int, datetime]:
    return run.by_severity.get("critical", 0), run.anomalies, run.created_at
