"""What the routes of runs share."""

from typing import Annotated

from fastapi import Depends, Response

from anomaly_detection.api import Runs
from anomaly_detection.domain.ids import RunId
from anomaly_detection.presentation.http.run_views import RunOut
from core.domain.actor import Actor
from core.presentation.http import from_state, requires, set_etag

Service = Annotated[Runs, Depends(from_state(Runs))]
Reader = Annotated[Actor, requires("runs:read")]
Writer = Annotated[Actor, requires("runs:write")]


def answered(service: Runs, actor: Actor, run_id: RunId, response: Response) -> RunOut:
    """The run as it is now, with its ETag."""
    view = service.queries.run(actor.tenant_id, run_id)
    set_etag(response, view.version)
    precision = service.precision.of_runs(actor.tenant_id, [run_id])
    return RunOut.of(view, precision.get(run_id))
