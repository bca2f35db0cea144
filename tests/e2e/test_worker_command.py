"""A worker process with the real application, on the embedded default."""

import socket
import time
from contextlib import closing

import httpx

from core.api import Jobs
from core.application.job_list import JobFilter
from core.application.jobs import JobState
from core.domain.actor import Actor
from core.domain.ids import PLATFORM
from core.domain.public_ids import shown
from enterprise.api import Enterprise
from interfaces.bootstrap.database import prepare_database
from interfaces.bootstrap.service import Service, build
from tests.support.breakable import PATIENCE_S, Worker, free_port
from tests.support.command_line import CommandLine
from tests.support.installations import settings


def test_a_worker_does_what_a_server_asked_for(cli: CommandLine) -> None:
    folder = cli.folder / "var"
    folder.mkdir(mode=0o700)
    given = settings(folder, {})
    prepare_database(given)
    service = build(given)
    enterprise: Enterprise = service.bundles[Enterprise]
    enterprise.ensure_platform()
    tenant_id = enterprise.create_tenant(Actor(tenant_id=PLATFORM), "acme")
    enterprise.start_export(Actor(tenant_id=tenant_id))
    [job] = cli.cold("job", "list", "-t", "acme", "-o", "json").document["items"]
    assert (job["kind"], job["state"]) == ("tenant.export", "queued")
    worker = Worker(
        ("interfaces.bootstrap.cli", "worker"),
        {"ANOMALY_DETECTION_DATA_DIR": str(folder), "METRICS_PORT": str(port := free_port())},
        cli.folder / "log",
    )
    worker.start()
    try:
        done = ended(service)
        scraped = httpx.get(f"http://127.0.0.1:{port}/metrics")
        elsewhere = httpx.get(f"http://127.0.0.1:{port}/api/v1/jobs")
    finally:
        assert worker.stop() == 0
    service.close()
    counted = 'job_duration_seconds_count{kind="tenant.export",state="succeeded"} 1.0'
    assert f"anomaly_detection_{counted}\n" in scraped.text
    assert "anomaly_detection_queue_depth 0.0\n" in scraped.text
    assert elsewhere.status_code == 404
    shown_job = cli.cold("job", "show", done, "-o", "json").document
    assert (shown_job["state"], shown_job["log_tail"]) == ("succeeded", [])
    assert "succeeded" in cli.cold("job", "cancel", done).error
    assert cli.cold("job", "retry", done).code == 5
    assert "Traceback" not in (cli.folder / "log").read_text()


def test_a_worker_whose_metrics_port_is_taken_says_so(cli: CommandLine) -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as taken:
        port = taken.getsockname()[1]
        refused = cli.cold("worker", env={"METRICS_PORT": str(port)})
    assert refused.code == 5
    assert f"Port {port}" in refused.error
    assert "METRICS_PORT" in refused.err


def ended(service: Service) -> str:
    """The only job's id, once it is over."""
    jobs: Jobs = service.bundles[Jobs]
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        [job] = jobs.queries.of_all(JobFilter(), limit=2, cursor=None).items
        if job.is_over:
            assert job.state is JobState.SUCCEEDED, job.error
            return shown("job", job.id)
        time.sleep(0.1)
    raise AssertionError("The job does not end.")
