"""Model files from elsewhere."""

from typing import Annotated

from fastapi import APIRouter, Query, Response

from core.application.quota import QuotaExceeded
from core.domain.actor import Actor
from core.domain.errors import Forbidden, UnsupportedForm
from core.presentation.bodies import Upload, UploadTooLarge
from core.presentation.http import Line, Route, requires
from core.presentation.ids import shown
from core.presentation.problems import responses
from machine_learning.application.registry.import_model import ModelFileTooLarge, UnusableModelFile
from machine_learning.domain.registry.model import InvalidModelName
from machine_learning.presentation.http.shared import BASE, Registry, accepted
from machine_learning.presentation.http.views import TrainingRunOut

router = APIRouter(route_class=Route, tags=["models"])
BINARY = "application/octet-stream"
BODY = {"required": True, "content": {BINARY: {"schema": {"type": "string", "format": "binary"}}}}


class NotBinary(UnsupportedForm):
    title = "A model file is sent as it is"


@router.post(
    "/models/imports",
    status_code=202,
    summary="Import a model file",
    openapi_extra={"requestBody": BODY},
    responses=responses(
        Forbidden,
        QuotaExceeded,
        UploadTooLarge,
        ModelFileTooLarge,
        UnusableModelFile,
        InvalidModelName,
        NotBinary,
    ),
)
def import_model(
    actor: Annotated[Actor, requires("models:write")],
    upload: Upload,
    name: Annotated[
        Line, Query(max_length=120, description="Of the model; one of that name gets a further version.")
    ],
    registry: Registry,
    response: Response,
) -> TrainingRunOut:
    """The file is what a version's download or `anomaly_detection train` gave. Its form and hashes are checked at once;
    it is loaded by a job, and the version waits in quarantine until an administrator of the tenant accepts it."""
    if upload.media_type not in (BINARY, "application/zip", "") or upload.encoding:
        raise NotBinary(f"It came as {upload.media_type[:80] or 'a compressed body'}.", fix=f"Send {BINARY}.")
    run = registry.start_import(actor, name=name, staged=upload.path)
    accepted(response, f"{BASE}/training-runs/{shown('trn', run.id)}")
    return TrainingRunOut.of(registry.runs.run(actor.tenant_id, run.id))
