"""A model file from elsewhere."""

import shutil
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Response

from core.application.uploads import Uploads
from core.domain.errors import Forbidden, Invalid, TooMany
from core.presentation.forms import problem, refused
from core.presentation.http import from_state, requires
from core.presentation.page_routes import Form, takes_files
from core.presentation.parts import Field, Notice
from core.presentation.visit import Here, Visit
from machine_learning.domain.registry.model import InvalidModelName
from machine_learning.presentation.pages.shared import Registry, checked_name, crumbs, model_pages

router = model_pages()
UploadFolder = Annotated[Uploads, Depends(from_state(Uploads))]
TITLE = "Import a model file"


class NoFile(Invalid):
    title = "There is no file"


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportPage:
    problem: Notice | None
    action: str
    fields: tuple[Field, ...]


@router.get("/models/import", dependencies=[requires("models:write")])
def ask_for_file(visit: Here) -> Response:
    return _page(visit, "")


@router.post("/models/import", dependencies=[requires("models:write"), Depends(takes_files)])
def import_model(visit: Here, form: Form, registry: Registry, uploads: UploadFolder) -> Response:
    name, sent = form.text("name"), form.files.get("file")
    try:
        if sent is None:
            raise NoFile("None was chosen.", fix="Choose the file that a download or a training gave.")
        with uploads.files.staging(".upload") as staged:
            with staged.open("wb") as copy:
                shutil.copyfileobj(sent.file, copy)
            run = registry.start_import(visit.actor, name=checked_name(name), staged=staged)
    except (Invalid, Forbidden, TooMany) as error:
        return _page(visit, name, error)
    model = registry.runs.run(visit.actor.tenant_id, run.id).model
    return visit.go(visit.url("models", model), "The file is being checked.")


def _page(visit: Visit, name: str, error: Invalid | Forbidden | TooMany | None = None) -> Response:
    fields: tuple[Field, ...] = (
        Field(
            name="name",
            label="Name of the model",
            value=name,
            required=True,
            hint="A model of that name gets a further version.",
        ),
        Field(
            name="file",
            label="Model file",
            kind="file",
            accept=".model",
            required=True,
            hint="What a version's download, or the command train, gave.",
        ),
    )
    if isinstance(error, Invalid):
        fields = refused(fields, error, at="name" if isinstance(error, InvalidModelName) else "file")
    page = ImportPage(problem=problem(fields, error), action=visit.url("models", "import"), fields=fields)
    status = 422 if error else 200
    return visit.page(
        "machine_learning/import.html", page, title=TITLE, crumbs=crumbs(visit, None, TITLE), status=status
    )
