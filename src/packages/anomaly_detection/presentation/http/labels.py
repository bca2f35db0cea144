"""People's verdicts on rows."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response

from anomaly_detection.application.explain_rows import NoSuchRow
from anomaly_detection.application.labels.label_rows import WantedLabel
from anomaly_detection.application.labels.ports import QueueFilter
from anomaly_detection.application.labels.undo_labels import LabelBatchNotFound, NotYourLabels, TooLateToUndo
from anomaly_detection.domain.definitions.detector_definition import DetectorNotFound
from anomaly_detection.domain.ids import LabelBatchId, RunId
from anomaly_detection.domain.labels.label import LabelNotFound
from anomaly_detection.domain.labels.precision import Precision
from anomaly_detection.domain.runs.run import RunNotFinished, RunNotFound
from anomaly_detection.presentation.http.label_filters import (
    WITHOUT_DETECTOR,
    BatchPath,
    InvalidLabelFilter,
    QueueDetectorQuery,
    Reader,
    RunQuery,
    Service,
    Subject,
    Wanted,
)
from anomaly_detection.presentation.http.label_views import (
    BatchBody,
    BatchOut,
    LabelBody,
    LabelChangeOut,
    LabelOut,
    LabelResultOut,
    PrecisionOut,
    QueuedRowOut,
    UndoneOut,
)
from anomaly_detection.presentation.http.run_rows import RowPath, RunPath
from anomaly_detection.presentation.http.shared import detector_id
from core.domain.actor import Actor
from core.domain.errors import Conflict, Forbidden, Stale, VersionNeeded
from core.domain.ids import new_id
from core.domain.page import InvalidCursor
from core.presentation.http import (
    IdempotencyKeyRequired,
    IfMatch,
    MustMatch,
    Route,
    require_idempotency_key,
    requires,
    set_etag,
)
from core.presentation.paging import PageOut, Paging, paged
from core.presentation.problems import responses

router = APIRouter(route_class=Route, tags=["labels"])
LABEL = "/runs/{run}/rows/{n}/label"
Writer = Annotated[Actor, requires("labels:write")]


@router.get(
    LABEL,
    summary="Show a row's label",
    responses=responses(Forbidden, RunNotFound, RunNotFinished, LabelNotFound),
)
def show_label(run: RunPath, row: RowPath, actor: Reader, service: Service, response: Response) -> LabelOut:
    view = service.queries.label(actor.tenant_id, run, row)
    set_etag(response, view.version)
    return LabelOut.of(view)


@router.put(
    LABEL,
    summary="Label a row",
    responses=responses(Forbidden, RunNotFound, RunNotFinished, NoSuchRow, VersionNeeded, Stale, Conflict)
    | {201: {"description": "The row had no label", "model": LabelOut}},
)
def label_row(
    run: RunPath,
    row: RowPath,
    body: LabelBody,
    actor: Writer,
    service: Service,
    response: Response,
    version: IfMatch,
) -> LabelOut:
    """It holds for the row of the dataset version, in every run. Where there is another label, `If-Match` is needed."""
    wanted = WantedLabel(run_id=run, row=row, verdict=body.verdict, note=body.note, version=version)
    [outcome] = service.label(actor, [wanted])
    if outcome.label is None:
        raise outcome.refused or AssertionError("neither a label nor a reason")
    response.status_code = 201 if outcome.is_new else 200
    set_etag(response, outcome.label.version)
    return LabelOut.of(outcome.label)


@router.delete(
    LABEL,
    status_code=204,
    summary="Take a row's label away",
    responses=responses(
        Forbidden, RunNotFound, RunNotFinished, NoSuchRow, LabelNotFound, VersionNeeded, Stale
    ),
)
def remove_label(run: RunPath, row: RowPath, actor: Writer, service: Service, version: MustMatch) -> None:
    """Its history stays."""
    service.remove(actor, run, row=row, version=version)


@router.get(
    f"{LABEL}/history",
    summary="List the changes of a row's label",
    responses=responses(Forbidden, RunNotFound, RunNotFinished, InvalidCursor),
)
def list_label_changes(
    request: Request,
    response: Response,
    run: RunPath,
    row: RowPath,
    actor: Reader,
    service: Service,
    asked: Paging,
) -> PageOut[LabelChangeOut]:
    """The newest first."""
    page = service.queries.history(
        actor.tenant_id, run, row, limit=asked.limit, cursor=asked.cursor, count=asked.count
    )
    items = page.of([LabelChangeOut.of(view) for view in page.items])
    return paged(request, response, items, LabelChangeOut)


@router.post(
    "/label-batches",
    summary="Label many rows",
    dependencies=[Depends(require_idempotency_key)],
    responses=responses(Forbidden, IdempotencyKeyRequired, Conflict),
)
def label_rows(actor: Writer, service: Service, body: BatchBody) -> BatchOut:
    """At most 1,000. Each is accepted or refused by itself; one whose row has another label needs that label's `version`."""
    batch_id = LabelBatchId(new_id())
    outcomes = service.label(actor, [each.wanted() for each in body.labels], batch_id=batch_id)
    items = [LabelResultOut.of(index, outcome) for index, outcome in enumerate(outcomes)]
    refused = sum(outcome.refused is not None for outcome in outcomes)
    changed = any(outcome.label is not None and not outcome.was_so for outcome in outcomes)
    return BatchOut(
        id=batch_id if changed else None, accepted=len(items) - refused, refused=refused, items=items
    )


@router.delete(
    "/label-batches/{batch}",
    summary="Take back what was labelled at once",
    responses=responses(Forbidden, LabelBatchNotFound, NotYourLabels, TooLateToUndo),
)
def undo_labels(batch: BatchPath, actor: Writer, service: Service) -> UndoneOut:
    """For ten minutes, by who gave the labels. Each row has its former label again, or none; rows that were changed since
    stay as they are."""
    undone = service.undo(actor, batch)
    return UndoneOut(taken_back=undone.taken_back, kept=undone.kept)


@router.get(
    "/labels",
    summary="List labels",
    responses=responses(Forbidden, InvalidCursor, InvalidLabelFilter, DetectorNotFound),
)
def list_labels(
    request: Request, response: Response, actor: Reader, service: Service, wanted: Wanted, asked: Paging
) -> PageOut[LabelOut]:
    """The newest first."""
    page = service.queries.labels(
        actor.tenant_id, wanted, limit=asked.limit, cursor=asked.cursor, count=asked.count
    )
    items = page.of([LabelOut.of(view) for view in page.items])
    return paged(request, response, items, LabelOut)


@router.get(
    "/labels/queue",
    summary="List rows worth a label",
    responses=responses(Forbidden, RunNotFound, RunNotFinished, DetectorNotFound, InvalidCursor),
)
def list_queue(
    request: Request,
    response: Response,
    actor: Reader,
    service: Service,
    asked: Paging,
    run: Annotated[RunQuery | None, Query(description="Of this run alone.")] = None,
    detector: QueueDetectorQuery | None = None,
) -> PageOut[QueuedRowOut]:
    """Rows without a label, the nearest to the threshold first: there a verdict tells most. Without `run`: of the newest run
    of each detector on each dataset, and of each algorithm and model that ran without a detector. Rows of deleted datasets are
    left out."""
    wanted = QueueFilter(
        run_id=None if run is None else RunId(run),
        detector_id=None
        if detector in (None, WITHOUT_DETECTOR)
        else detector_id(service.detectors, actor, detector),
        without_detector=detector == WITHOUT_DETECTOR,
    )
    page = service.queue.rows(
        actor.tenant_id, wanted, limit=asked.limit, cursor=asked.cursor, count=asked.count
    )
    items = page.of([QueuedRowOut.of(view) for view in page.items])
    return paged(request, response, items, QueuedRowOut)


@router.get(
    "/labels/precision",
    summary="Show how often flags are right",
    responses=responses(Forbidden, InvalidLabelFilter, DetectorNotFound),
)
def show_precision(actor: Reader, service: Service, subject: Subject) -> PrecisionOut:
    """Of a run, a detector or a model version, by the labels on rows they flag. What has no such label has no precision."""
    kind, id_ = subject
    by = {
        "run": service.precision.of_runs,
        "detector": service.precision.of_detectors,
        "model_version": service.precision.of_model_versions,
    }
    return PrecisionOut.of(by[kind](actor.tenant_id, [id_]).get(id_, Precision()))
