"""``worker`` and ``job``: the slow work of all tenants, for operators on the machine."""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Annotated, Any, Protocol

import typer

from core.application.jobs import JobState
from core.domain.ids import JobId, TenantId
from core.domain.public_ids import parsed, shown
from core.presentation.cli import Invocation, invocation

if TYPE_CHECKING:
    from core.application.job_list import JobView

WORKER = """Run jobs until SIGTERM or Ctrl-C. Start as many as you like on PostgreSQL and Redis.

\b
  anomaly_detection worker
  REDIS_URL=redis://cache:6379/0 anomaly_detection worker
"""
LIST = """Jobs, the newest first.

\b
  anomaly_detection job list --state failed
  anomaly_detection job list -t acme -o json
"""
JobArgument = Annotated[
    str, typer.Argument(metavar="JOB", help="Its id, as in job_01K8Z4V0Q6T9M3W5C2R7N0B1DG.")
]


class JobDesk(Protocol):
    """The jobs of all tenants, as the console of the machine sees and changes them."""

    def find(self, tenant: str | None, states: tuple[JobState, ...], limit: int) -> "list[JobView]":
        """``tenant`` is a slug. Raises NotFound."""

    def get(self, job_id: JobId) -> "JobView":
        """Raises NoSuchJob."""

    def log_tail(self, job_id: JobId) -> Sequence[str]:
        """All that the job's process logged in the end, as JSON lines."""

    def cancel(self, tenant_id: TenantId, job_id: JobId) -> None: ...
    def retry(self, tenant_id: TenantId, job_id: JobId) -> None: ...


Desk = Callable[[Invocation], AbstractContextManager[JobDesk]]


def add_commands(app: typer.Typer, desk: Desk, work: Callable[[Invocation], None]) -> None:
    jobs = typer.Typer(help="Jobs of all tenants: list, show, cancel, retry.", no_args_is_help=True)
    app.add_typer(jobs, name="job")
    add_reading(jobs, desk)
    add_changing(jobs, desk)

    @app.command(name="worker", help=WORKER)
    def worker(ctx: typer.Context) -> None:
        work(invocation(ctx))


def add_reading(app: typer.Typer, desk: Desk) -> None:
    @app.command(name="list", help=LIST)
    def list_jobs(
        ctx: typer.Context,
        tenant: Annotated[
            str | None, typer.Option("-t", "--tenant", help="Only this tenant's (slug).")
        ] = None,
        state: Annotated[
            list[JobState] | None, typer.Option(help="Only in this state; may be repeated.")
        ] = None,
        limit: Annotated[int, typer.Option(min=1, max=10_000, help="Most jobs to print.")] = 50,
    ) -> None:
        run = invocation(ctx)
        with desk(run) as jobs:
            found = jobs.find(tenant, tuple(state or ()), limit)
        columns = ("job", "tenant", "kind", "state", "progress", "attempt", "created_at", "finished_at")
        rows = [{name: _fields(job)[name] for name in columns} for job in found]
        run.output.rows(rows, schema="anom.jobs/1", columns=columns)

    @app.command(name="show", help="One job, with its result or error, and the last lines it logged.")
    def show(ctx: typer.Context, job: JobArgument) -> None:
        run = invocation(ctx)
        with desk(run) as jobs:
            found = jobs.get(_id(job))
            log = {"log_tail": list(jobs.log_tail(found.id))}
        run.output.document({"schema": "anom.job/1"} | _fields(found) | log)


def add_changing(app: typer.Typer, desk: Desk) -> None:
    @app.command(name="cancel", help="Cancel a job that waits or runs.")
    def cancel(ctx: typer.Context, job: JobArgument) -> None:
        with desk(invocation(ctx)) as jobs:
            found = jobs.get(_id(job))
            jobs.cancel(found.tenant_id, found.id)
            after = jobs.get(found.id)
        invocation(ctx).output.document({"schema": "anom.job/1"} | _fields(after))

    @app.command(name="retry", help="Queue a job again that failed or was cancelled.")
    def retry(ctx: typer.Context, job: JobArgument) -> None:
        with desk(invocation(ctx)) as jobs:
            found = jobs.get(_id(job))
            jobs.retry(found.tenant_id, found.id)
            after = jobs.get(found.id)
        invocation(ctx).output.document({"schema": "anom.job/1"} | _fields(after))


def _id(text: str) -> JobId:
    from core.application.job_list import no_such_job

    found = parsed("job", text)
    if found is None:
        raise no_such_job("anomaly_detection job list")
    return JobId(found)


def _fields(job: "JobView") -> dict[str, Any]:
    return {
        "job": shown("job", job.id),
        "tenant": shown("ten", job.tenant_id),
        "kind": job.kind,
        "state": job.state,
        "progress": job.progress,
        "message": job.message,
        "attempt": job.attempt,
        "max_attempts": job.max_attempts,
        "cancel_asked": job.cancel_asked,
        "created_at": job.created_at,
        "started_at": job.started_at,
        "finished_at": job.finished_at,
        "result": job.result,
        "error": job.error,
    }
