"""The jobs of all tenants, as the console of the machine sees and changes them."""

from dataclasses import dataclass

from core.api import Jobs
from core.application.job_list import JobFilter, JobView, no_such_job
from core.application.jobs import JobState
from core.domain.actor import Actor
from core.domain.ids import JobId, TenantId
from interfaces.bootstrap.administration import Administration


@dataclass(frozen=True, slots=True)
class ConsoleJobs:
    """``interfaces.presentation.job_commands.JobDesk``."""

    service: Administration

    @property
    def jobs(self) -> Jobs:
        found: Jobs = self.service.bundles[Jobs]
        return found

    def find(self, tenant: str | None, states: tuple[JobState, ...], limit: int) -> list[JobView]:
        wanted = JobFilter(states)
        if tenant is None:
            return list(self.jobs.queries.of_all(wanted, limit=limit, cursor=None).items)
        tenant_id = self.service.tenant_id(tenant)
        return list(self.jobs.queries.page(tenant_id, wanted, limit=limit, cursor=None).items)

    def get(self, job_id: JobId) -> JobView:
        for job in self.jobs.queries.these([job_id]):
            return job
        raise no_such_job("anomaly_detection job list")

    def log_tail(self, job_id: JobId) -> tuple[str, ...]:
        return self.jobs.queries.whole_log_tail(job_id)

    def cancel(self, tenant_id: TenantId, job_id: JobId) -> None:
        self.jobs.cancel(Actor(tenant_id=tenant_id), job_id)

    def retry(self, tenant_id: TenantId, job_id: JobId) -> None:
        self.jobs.retry(Actor(tenant_id=tenant_id), job_id)
