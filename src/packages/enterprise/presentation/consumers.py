"""The context's kinds of jobs."""

from collections.abc import Mapping
from typing import Any

from core.application.jobs import JobControl, JobHandler
from core.domain.actor import Actor
from core.domain.public_ids import shown
from enterprise.api import Enterprise
from enterprise.application.delete_tenant import DELETE
from enterprise.application.export_tenant import EXPORT


def job_handlers(enterprise: Enterprise) -> Mapping[str, JobHandler]:
    def export(actor: Actor, payload: Mapping[str, Any], control: JobControl) -> Mapping[str, Any]:
        return {"export_id": shown("exp", enterprise.export.carry_out(actor, payload, control))}

    return {EXPORT: export, DELETE: enterprise.delete.carry_out}
