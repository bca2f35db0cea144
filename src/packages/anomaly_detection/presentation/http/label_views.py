"""Bodies of labels."""

from datetime import datetime
from typing import Annotated, Any, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from anomaly_detection.application.labels.label_rows import LabelOutcome, WantedLabel
from anomaly_detection.application.labels.ports import LabelView, QueuedRow
from anomaly_detection.domain.ids import RunId
from anomaly_detection.domain.labels.label import Label, LabelChange, Verdict
from anomaly_detection.domain.labels.precision import Precision
from core.domain.errors import code_of
from core.presentation.ids import public_id
from core.presentation.json_text import plain

MOST_LABELS = 1_000  # of one batch
RunIdOut = Annotated[UUID, public_id("run")]
Note = Annotated[str, Field(max_length=4000, pattern=r"^[^\x00]*$")]


class LabelBody(BaseModel):
    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"verdict": "false_positive", "note": "A refund."}]}
    )
    verdict: Verdict
    note: Note = ""


class WantedLabelBody(LabelBody):
    """``version``: of the label it has, as its ETag says; none for a row without one."""

    run: RunIdOut
    row: int = Field(strict=True, ge=0, le=2**53)
    version: int | None = Field(default=None, strict=True, ge=1, le=10**9)

    def wanted(self) -> WantedLabel:
        return WantedLabel(
            run_id=RunId(self.run), row=self.row, verdict=self.verdict, note=self.note, version=self.version
        )


class BatchBody(BaseModel):
    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {"labels": [{"run": "run_01J8ZC5QX4T3M6W9K2R7N0B1DG", "row": 8812, "verdict": "true"}]}
            ]
        },
    )
    labels: list[WantedLabelBody] = Field(min_length=1, max_length=MOST_LABELS)


class AuthorOut(BaseModel):
    """Neither: the operator's console."""

    model_config = ConfigDict(from_attributes=True)
    user_id: Annotated[UUID, public_id("usr")] | None
    key_id: Annotated[UUID, public_id("key")] | None


class LabelOut(BaseModel):
    """``run``: where it was given; it holds for every run over the dataset version. ``version`` is its ETag."""

    dataset_version_id: Annotated[UUID, public_id("dsv")]
    row: int
    verdict: Verdict
    note: str
    run: RunIdOut | None
    labelled_at: datetime
    labelled_by: AuthorOut
    version: int

    @classmethod
    def of(cls, label: LabelView | Label) -> Self:
        own = ("dataset_version_id", "row", "note", "labelled_at", "version")
        return cls(
            **{name: getattr(label, name) for name in own},
            verdict=Verdict(label.verdict),
            run=label.run_id,
            labelled_by=AuthorOut.model_validate(label),
        )


class LabelChangeOut(BaseModel):
    """``verdict`` null: the label was taken away."""

    verdict: Verdict | None
    note: str
    run: RunIdOut | None
    at: datetime
    by: AuthorOut

    @classmethod
    def of(cls, change: LabelChange) -> Self:
        return cls(
            verdict=change.verdict,
            note=change.note,
            run=change.run_id,
            at=change.at,
            by=AuthorOut.model_validate(change),
        )


class RefusalOut(BaseModel):
    """``version``: of the label that is in the way."""

    code: str
    detail: str
    version: int | None


class LabelResultOut(BaseModel):
    """``status``: created, kept (changed, or as it was) or refused. ``index`` is the label's place in the request."""

    index: int
    status: str
    label: LabelOut | None
    error: RefusalOut | None

    @classmethod
    def of(cls, index: int, outcome: LabelOutcome) -> Self:
        error, label = outcome.refused, outcome.label
        if error is not None:
            version = error.facts.get("version")
            refusal = RefusalOut(
                code=code_of(type(error)),
                detail=error.detail,
                version=version if isinstance(version, int) else None,
            )
            return cls(index=index, status="refused", label=None, error=refusal)
        status = "created" if outcome.is_new else "kept"
        return cls(
            index=index, status=status, label=None if label is None else LabelOut.of(label), error=None
        )


class BatchOut(BaseModel):
    """``id``: what the batch is taken back by, for ten minutes; null where it changed nothing."""

    id: Annotated[UUID, public_id("lbl")] | None
    accepted: int
    refused: int
    items: list[LabelResultOut]


class UndoneOut(BaseModel):
    """``kept``: rows that were changed since, and stay as they are."""

    taken_back: int
    kept: int


class QueuedRowOut(BaseModel):
    """``distance``: how many times rarer or commoner than the threshold such a row is, at least 1."""

    run: RunIdOut
    row: int
    score: float
    is_anomaly: bool
    reason: str
    values: dict[str, Any]
    distance: float

    @classmethod
    def of(cls, queued: QueuedRow) -> Self:
        own = ("row", "score", "is_anomaly", "reason", "distance")
        return cls(
            **{name: getattr(queued, name) for name in own}, run=queued.run_id, values=plain(queued.cells)
        )


class PrecisionOut(BaseModel):
    """Of flagged rows that have a label. ``precision``: true / (true + false_positive), null without either;
    ``interval``: its 95 % interval (Wilson)."""

    precision: float | None
    interval: tuple[float, float] | None
    true: int
    false_positive: int
    expected: int
    bad_data: int
    unsure: int

    @classmethod
    def of(cls, precision: Precision) -> Self:
        counts = {verdict.value: precision.of(verdict) for verdict in Verdict}
        return cls(precision=precision.value, interval=precision.interval, **counts)
