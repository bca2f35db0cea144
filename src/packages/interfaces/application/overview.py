"""What needs somebody now, of one tenant: runs, labels, data and jobs of a time range."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from anomaly_detection.api import LabelFilter, Labels, LabelView, Precision, RunFilter, Runs, RunView, Verdict
from core.api import Jobs
from core.application.job_list import JobFilter, JobView
from core.application.jobs import JobState
from core.domain.ids import TenantId
from core.domain.page import Counting
from data_platform.api import Datasets, DatasetView

MOST_RUNS = 500  # that are counted; more say nothing new
SHOWN = 8
ACTIVE = (JobState.QUEUED, JobState.RUNNING)
BARS = 24


@dataclass(frozen=True, slots=True, kw_only=True)
class Activity:
    """Of a run or of a label; ``row_opens``: the run in which the label was given is still there."""

    at: datetime
    run: RunView | None = None
    label: LabelView | None = None
    row_opens: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Overview:
    """``per_step`` counts anomalies of the range's 24 equal steps, the oldest first; ``before`` those of the range before."""

    has_data: bool
    datasets: int
    newest: DatasetView | None
    stored_at: datetime | None  # the newest rows
    runs: int
    anomalies: int
    before: int
    scored: int
    by_severity: Mapping[str, int]
    per_step: tuple[int, ...]
    precision: Precision
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

    def __call__(self, tenant_id: TenantId, now: datetime, reach: timedelta) -> Overview:
        newest = self.datasets.queries.page(
            tenant_id, search=None, sort="-created_at", limit=1, cursor=None, count=Counting.EXACT
        )
        first = newest.items[0] if newest.items else None
        stored = self.datasets.queries.newest(tenant_id, [first.id]).get(first.id) if first else None
        found = self.runs.queries.runs(
            tenant_id, RunFilter(), sort="-created_at", limit=MOST_RUNS, cursor=None
        ).items
        recent = [run for run in found if run.created_at > now - reach]
        before = [run for run in found if now - 2 * reach < run.created_at <= now - reach]
        flagged = [run for run in recent if run.anomalies]
        labels = self.labels.queries.labels(tenant_id, LabelFilter(), limit=SHOWN, cursor=None).items
        return Overview(
            has_data=first is not None,
            datasets=newest.total or 0,
            newest=first,
            stored_at=stored.stored_at if stored else None,
            runs=len(recent),
            anomalies=sum(run.anomalies or 0 for run in recent),
            before=sum(run.anomalies or 0 for run in before),
            scored=sum(run.rows or 0 for run in recent),
            by_severity=_by_severity(recent),
            per_step=_per_step(recent, now, reach),
            precision=self._precision(tenant_id, now - timedelta(days=30)),
            attention=tuple(sorted(flagged, key=_urgency, reverse=True)[:SHOWN]),
            failed=self._jobs(tenant_id, (JobState.FAILED,), since=now - reach),
            active_jobs=self.jobs.queries.page(
                tenant_id, JobFilter(ACTIVE), limit=1, cursor=None, count=Counting.EXACT
            ).total
            or 0,
            activity=_merged(found, labels),
        )

    def _jobs(
        self, tenant_id: TenantId, states: tuple[JobState, ...], *, since: datetime
    ) -> tuple[JobView, ...]:
        page = self.jobs.queries.page(tenant_id, JobFilter(states), limit=SHOWN, cursor=None)
        return tuple(job for job in page.items if job.created_at > since)

    def _precision(self, tenant_id: TenantId, since: datetime) -> Precision:
        counts = {}
        for verdict in (Verdict.TRUE, Verdict.FALSE_POSITIVE):
            wanted = LabelFilter(verdicts=(verdict,), since=since)
            page = self.labels.queries.labels(tenant_id, wanted, limit=1, cursor=None, count=Counting.EXACT)
            counts[verdict] = page.total or 0
        return Precision(counts)


def _by_severity(runs: list[RunView]) -> Mapping[str, int]:
    total: Counter[str] = Counter()
    for run in runs:
        total.update(run.by_severity or {})
    return {name: total[name] for name in ("critical", "high", "medium")}


def _per_step(runs: list[RunView], now: datetime, reach: timedelta) -> tuple[int, ...]:
    steps = [0] * BARS
    for run in runs:
        back = (now - run.created_at) / reach
        steps[min(BARS - 1, max(0, int((1 - back) * BARS)))] += run.anomalies or 0
    return tuple(steps)


def _urgency(run: RunView) -> tuple[int, int, datetime]:
    of = run.by_severity or {}
    return of.get("critical", 0), run.anomalies or 0, run.created_at


def _merged(runs: tuple[RunView, ...], labels: tuple[LabelView, ...]) -> tuple[Activity, ...]:
    """The newest first."""
    of_runs = [Activity(at=run.finished_at or run.created_at, run=run) for run in runs[:SHOWN]]
    known = {run.id for run in runs}
    of_labels = [
        Activity(at=label.labelled_at, label=label, row_opens=label.run_id in known) for label in labels
    ]
    return tuple(sorted([*of_runs, *of_labels], key=lambda each: each.at, reverse=True)[: SHOWN + 2])
