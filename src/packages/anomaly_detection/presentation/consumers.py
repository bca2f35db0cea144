"""The context's kinds of jobs."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from anomaly_detection.api import Runs
from anomaly_detection.application.runs.choose_threshold import STORE
from anomaly_detection.application.runs.start_run import EXECUTE
from anomaly_detection.domain.ids import RunId
from core.application.jobs import JobControl, JobHandler
from core.domain.actor import Actor
from core.domain.public_ids import shown


def job_handlers(runs: Runs) -> Mapping[str, JobHandler]:
    def execute(actor: Actor, payload: Mapping[str, Any], control: JobControl) -> Mapping[str, Any]:
        run = runs.execute(actor, RunId(UUID(payload["run_id"])), control)
        return {"run_id": shown("run", run.id), "rows": run.rows, "by_severity": dict(run.by_severity or {})}

    def store(actor: Actor, payload: Mapping[str, Any], control: JobControl) -> Mapping[str, Any]:
        run = runs.queries.finished(actor.tenant_id, RunId(UUID(payload["run_id"])))
        runs.store_flagged(actor, run, flagged=payload["flagged"])
        return {"run_id": shown("run", run.id)}

    return {EXECUTE: execute, STORE: store}
