"""Jobs over HTTP, on both databases."""

import json
from uuid import UUID

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import update

from core.api import Jobs
from core.application.jobs import JobState
from core.domain.actor import Actor
from core.domain.ids import JobId, TenantId, new_id
from core.domain.public_ids import parsed, shown
from core.infrastructure.database import Purpose
from core.infrastructure.jobs import jobs
from core.infrastructure.sql import SqlUnitOfWork, Storage
from core.wiring import build_service
from interfaces.presentation.job_news import JobNews
from interfaces.presentation.jobs_http import admin_router, router
from tests.support.api import client_of
from tests.support.fakes import FakeAuditLog, FakeDispatch

MINE, THEIRS = (TenantId(new_id()) for _ in range(2))
RIGHTS = frozenset({"jobs:read", "jobs:write"})
ACTORS = {
    "ana": Actor(tenant_id=MINE, permissions=RIGHTS),
    "viewer": Actor(tenant_id=MINE, permissions=frozenset({"jobs:read"})),
    "eve": Actor(tenant_id=THEIRS, permissions=RIGHTS),
    "operator": Actor(tenant_id=MINE, permissions=frozenset({"platform:read"})),
}


class Desk:
    """Asks for jobs and sends requests about them."""

    def __init__(self, storage: Storage) -> None:
        self.storage = storage
        bundle = build_service(storage)
        self.client: TestClient = client_of(
            [router, admin_router], {Jobs: bundle, JobNews: JobNews(bundle.queries.these, 0.05)}, ACTORS
        )

    def ask(self, kind: str = "test.add", who: str = "ana", **changes: object) -> str:
        with SqlUnitOfWork(self.storage, ACTORS[who]) as uow:
            job_id = uow.enqueue(kind, {})
            uow.commit()
        if changes:
            self.change(job_id, **changes)
        return shown("job", job_id)

    def change(self, job_id: UUID, **values: object) -> None:
        with self.storage.database.system_transaction(Purpose.JOBS) as session:
            session.execute(update(jobs).where(jobs.c.id == job_id).values(**values))

    def __call__(self, method: str, path: str, who: str = "ana"):  # type: ignore[no-untyped-def]  # httpx2's response
        return self.client.request(method, f"/api/v1{path}", headers={"Authorization": f"Bearer {who}"})


@pytest.fixture
def desk(storage: Storage) -> Desk:
    return Desk(storage)


def test_jobs_are_listed_newest_first_and_paged(desk: Desk) -> None:
    made = [desk.ask() for _ in range(3)]
    first = desk("GET", "/jobs?limit=2").json()
    second = desk("GET", f"/jobs?limit=2&cursor={first['next_cursor']}").json()
    assert [job["id"] for job in first["items"] + second["items"]] == made[::-1]
    assert (first["has_more"], second["has_more"]) == (True, False)


def test_jobs_are_filtered_by_state_and_kind(desk: Desk) -> None:
    desk.ask()
    failed = desk.ask(state="failed")
    other = desk.ask("test.other")
    assert [job["id"] for job in desk("GET", "/jobs?state=failed,cancelled").json()["items"]] == [failed]
    assert [job["id"] for job in desk("GET", "/jobs?kind=test.other").json()["items"]] == [other]
    assert desk("GET", "/jobs?state=sleeping").status_code == 422
    assert desk("GET", "/jobs?kind=a%00b").status_code == 422
    assert desk("GET", "/jobs?stat=failed").status_code == 400


def test_the_entity_tag_changes_with_the_progress(desk: Desk) -> None:
    job = desk.ask()
    before = desk("GET", f"/jobs/{job}")
    desk.change(parsed("job", job) or UUID(int=0), progress=0.5)
    after = desk("GET", f"/jobs/{job}")
    assert (before.json()["progress"], after.json()["progress"]) == (0, 0.5)
    assert before.headers["ETag"] != after.headers["ETag"]


def test_a_waiting_job_is_cancelled_at_once_and_audited_once(desk: Desk, audit_log: FakeAuditLog) -> None:
    job = desk.ask()
    for _ in range(2):
        answer = desk("POST", f"/jobs/{job}/cancellation")
        assert (answer.status_code, answer.json()["state"]) == (202, "cancelled")
    assert audit_log.actions == ["job.cancelled"]


def test_a_running_job_is_asked_to_end(desk: Desk) -> None:
    job = desk.ask(state="running", attempt=1)
    answer = desk("POST", f"/jobs/{job}/cancellation").json()
    assert (answer["state"], answer["cancel_asked"]) == ("running", True)


def test_a_failed_job_is_queued_again(desk: Desk, dispatch: FakeDispatch) -> None:
    job = desk.ask(state="failed", attempt=3)
    dispatch.jobs.clear()
    answer = desk("POST", f"/jobs/{job}/retry").json()
    assert (answer["state"], answer["max_attempts"]) == ("queued", 6)
    assert dispatch.jobs == [JobId(parsed("job", job) or UUID(int=0))]


@pytest.mark.parametrize(("path", "state"), [("cancellation", "succeeded"), ("retry", "running")])
def test_what_the_state_forbids_is_a_conflict(desk: Desk, path: str, state: JobState) -> None:
    assert desk("POST", f"/jobs/{desk.ask(state=state)}/{path}").status_code == 409


@pytest.mark.parametrize(
    ("method", "path"), [("GET", ""), ("POST", "/cancellation"), ("POST", "/retry"), ("GET", "/events")]
)
def test_another_tenants_job_is_as_absent_as_a_random_one(desk: Desk, method: str, path: str) -> None:
    bodies = []
    for job in (desk.ask(), shown("job", new_id()), "job_nonsense"):
        answer = desk(method, f"/jobs/{job}{path}", "eve")
        assert answer.status_code == 404
        bodies.append({k: v for k, v in answer.json().items() if k != "instance"})
    assert bodies[0] == bodies[1] == bodies[2]
    assert desk("GET", "/jobs", "eve").json()["items"] == []


def test_a_failed_job_tells_its_last_lines_and_keeps_what_is_for_operators(desk: Desk) -> None:
    line = {
        "timestamp": "2026-11-01T09:00:00Z",
        "level": "error",
        "logger": "core.jobs",
        "event": "job_broke",
    }
    log = [json.dumps(line | {"exception": "File /srv/x.py"}), json.dumps(line | {"logger": "polars"})]
    error = {"code": "internal", "title": "It failed", "detail": "", "fix": ""}
    failed, other = desk.ask(state="failed", error=error, log_tail=log), desk.ask(state="failed", error=error)
    assert desk("GET", f"/jobs/{failed}", "viewer").json()["log_tail"] == [
        "2026-11-01T09:00:00Z error job_broke"
    ]
    assert desk("GET", f"/jobs/{other}").json()["log_tail"] == []
    assert desk("GET", f"/jobs/{desk.ask()}").json()["log_tail"] == []
    assert "/srv/x.py" not in desk("GET", "/jobs").text + desk("GET", "/admin/jobs", "operator").text


def test_reading_is_not_changing(desk: Desk) -> None:
    assert desk("POST", f"/jobs/{desk.ask()}/cancellation", "viewer").status_code == 403


def test_operators_see_ids_of_all_tenants_and_nothing_else(desk: Desk) -> None:
    made = {desk.ask(), desk.ask(who="eve")}
    items = desk("GET", "/admin/jobs", "operator").json()["items"]
    assert {job["id"] for job in items} == made
    assert not {"result", "error", "message"} & set(items[0])
    assert desk("GET", "/admin/jobs").status_code == 403


def test_events_follow_a_job_until_it_is_over(desk: Desk) -> None:
    job = desk.ask(state="running", attempt=1)
    states: list[str] = []
    with desk.client.stream(
        "GET", f"/api/v1/jobs/{job}/events", headers={"Authorization": "Bearer ana"}
    ) as stream:
        for line in stream.iter_lines():
            if line.startswith("data: "):
                states.append(json.loads(line[6:])["state"])
                desk.change(parsed("job", job) or UUID(int=0), state="succeeded", progress=1.0)
    assert states[0] == "running" or states == ["succeeded"]
    assert states[-1] == "succeeded"
