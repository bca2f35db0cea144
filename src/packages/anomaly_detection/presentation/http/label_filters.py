"""Which labels are meant, as query parameters say it."""

from datetime import UTC, datetime
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Path, Query
from pydantic import AfterValidator, Field

from anomaly_detection.api import Labels
from anomaly_detection.application.labels.ports import LabelFilter
from anomaly_detection.application.labels.undo_labels import LabelBatchNotFound
from anomaly_detection.domain.ids import LabelBatchId, RunId
from anomaly_detection.domain.labels.label import Verdict
from anomaly_detection.presentation.http.shared import detector_id
from core.domain.actor import Actor
from core.domain.errors import BadRequest
from core.domain.ids import KeyId, UserId
from core.domain.public_ids import parsed
from core.presentation.http import from_state, requires
from core.presentation.ids import public_id

VERDICT = "|".join(Verdict)


class InvalidLabelFilter(BadRequest):
    title = "That filter of labels cannot be read"


def in_utc(at: datetime) -> datetime:
    """UTC where no zone is given."""
    try:
        return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
    except OverflowError:
        raise ValueError("is beyond the calendar in UTC") from None


Instant = Annotated[datetime, AfterValidator(in_utc)]
RunQuery = Annotated[UUID, public_id("run")]
DetectorQuery = Annotated[str, Field(max_length=120, description="Id or slug.", examples=["large-orders"])]
WITHOUT_DETECTOR = "-"  # no slug: where a detector is asked for, what ran without one that is still there
QueueDetectorQuery = Annotated[
    str,
    Query(
        max_length=120,
        description="Id or slug: of its newest runs. `-`: of those that ran without a detector, or with one that is deleted.",
        examples=["large-orders"],
    ),
]
Service = Annotated[Labels, Depends(from_state(Labels))]
Reader = Annotated[Actor, requires("labels:read")]


def wanted(
    service: Service,
    actor: Reader,
    verdict: Annotated[
        str | None,
        Query(
            pattern=rf"^({VERDICT})(,({VERDICT})){{0,9}}$",
            description="One or several, with commas between.",
            examples=["true,false_positive"],
        ),
    ] = None,
    dataset: Annotated[str | None, Query(max_length=100, description="Id or slug: on its rows.")] = None,
    run: Annotated[RunQuery | None, Query(description="On rows of the dataset version it scored.")] = None,
    detector: Annotated[DetectorQuery | None, Query(description="On rows of what it has scored.")] = None,
    since: Annotated[Instant | None, Query(alias="from", description="Given then or later.")] = None,
    until: Annotated[Instant | None, Query(alias="to", description="Given before then.")] = None,
    by: Annotated[str | None, Query(max_length=40, description="Id of a user or API key.")] = None,
) -> LabelFilter:
    """Raises InvalidLabelFilter, DetectorNotFound."""
    user_id, key_id = _author(by)
    return LabelFilter(
        verdicts=None if verdict is None else {Verdict(each) for each in verdict.split(",")},
        dataset=_dataset(dataset),
        run_id=None if run is None else RunId(run),
        detector_id=None if detector is None else detector_id(service.detectors, actor, detector),
        since=since,
        until=until,
        user_id=user_id,
        key_id=key_id,
    )


def subject(
    service: Service,
    actor: Reader,
    run: Annotated[RunQuery | None, Query()] = None,
    detector: Annotated[DetectorQuery | None, Query()] = None,
    model_version: Annotated[Annotated[UUID, public_id("mv")] | None, Query()] = None,
) -> tuple[str, UUID]:
    """The parameter that was given, and its id. Raises InvalidLabelFilter, DetectorNotFound."""
    of_detector = None if detector is None else detector_id(service.detectors, actor, detector)
    given = [
        (name, id_)
        for name, id_ in (("run", run), ("detector", of_detector), ("model_version", model_version))
        if id_ is not None
    ]
    if len(given) != 1:
        raise InvalidLabelFilter(
            "The precision is of a run, a detector or a model version.",
            fix="Give one of the parameters run, detector and model_version.",
        )
    return given[0]


async def batch_in_path(batch: Annotated[str, Path()]) -> LabelBatchId:
    """Raises LabelBatchNotFound."""
    found = parsed("lbl", batch)
    if found is None:
        raise LabelBatchNotFound("It is no id of one.", fix="Use the id that label-batches answered.")
    return LabelBatchId(found)


BatchPath = Annotated[LabelBatchId, Depends(batch_in_path)]
Wanted = Annotated[LabelFilter, Depends(wanted)]
Subject = Annotated[tuple[str, UUID], Depends(subject)]


def _author(by: str | None) -> tuple[UserId | None, KeyId | None]:
    if by is None:
        return None, None
    user_id, key_id = parsed("usr", by), parsed("key", by)
    if user_id is None and key_id is None:
        raise InvalidLabelFilter("by is no id such as usr_01J8Z... or key_01J8Z...", parameter="by")
    return (None if user_id is None else UserId(user_id)), (None if key_id is None else KeyId(key_id))


def _dataset(reference: str | None) -> UUID | str | None:
    """PostgreSQL refuses text with NUL where SQLite finds nothing."""
    return None if reference is None else parsed("ds", reference) or reference.replace("\x00", "\ufffd")
