"""Why rows of a run are flagged."""

from dataclasses import asdict
from typing import Annotated, Any, Self

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel

from anomaly_detection.api import Contribution, Explanations
from anomaly_detection.application.explain_rows import NoSuchRow
from anomaly_detection.application.explanations.explain_run_row import NormalRow, RowExplanation
from anomaly_detection.application.explanations.row_facets import NoSuchColumn, RunFacets
from anomaly_detection.application.runs.reading import ResultLost
from anomaly_detection.domain.explanations.counterfactual import Counterfactual
from anomaly_detection.domain.explanations.lift import Facet
from anomaly_detection.domain.runs.run import RunNotFinished, RunNotFound
from anomaly_detection.presentation.http.run_rows import RowPath, RunPath
from core.domain.actor import Actor
from core.domain.errors import Forbidden
from core.presentation.http import Route, from_state, requires
from core.presentation.json_text import plain
from core.presentation.problems import responses

router = APIRouter(route_class=Route, tags=["runs"])
Service = Annotated[Explanations, Depends(from_state(Explanations))]
Reader = Annotated[Actor, requires("runs:read")]


class ContributionOut(BaseModel):
    """``contribution``: to the raw score, negative where the column makes the row look usual. ``usual``: ``low`` to
    ``high`` holds 90 % of a number's training values; ``shares`` are of a category's."""

    column: str
    contribution: float
    value: Any
    usual: dict[str, Any]
    words: str

    @classmethod
    def of(cls, contribution: Contribution) -> Self:
        return cls(
            column=contribution.column,
            contribution=contribution.contribution,
            value=plain(contribution.value),
            usual=plain(asdict(contribution.usual)),
            words=contribution.words,
        )


class NormalRowOut(BaseModel):
    """``differs``: the columns in which it differs most."""

    row: int
    score: float
    distance: float
    values: dict[str, Any]
    differs: list[str]

    @classmethod
    def of(cls, normal: NormalRow) -> Self:
        own = {name: getattr(normal, name) for name in ("row", "score", "distance")}
        return cls(**own, values=plain(normal.cells), differs=list(normal.differs))


class ChangeOut(BaseModel):
    """``bound``: at_most and at_least were tried from ``after`` to the column's median, exactly only there."""

    column: str
    before: Any
    after: Any
    bound: str


class CounterfactualOut(BaseModel):
    words: str
    score: float
    changes: list[ChangeOut]

    @classmethod
    def of(cls, found: Counterfactual) -> Self:
        changes = [ChangeOut(**plain(asdict(change))) for change in found.changes]
        return cls(words=found.words, score=found.score, changes=changes)


class RowExplanationOut(BaseModel):
    """``percentile``: the share of the run's rows that score lower. ``nearest_normal``: rows that are not flagged, in the
    space the model sees. ``counterfactual``: the smallest change found with which the row is not flagged; null where
    none was found, or it is not flagged."""

    row: int
    score: float
    raw_score: float
    is_anomaly: bool
    severity: str
    percentile: float
    alert_rate: float
    reason: str
    contributions: list[ContributionOut]
    values: dict[str, Any]
    nearest_normal: list[NormalRowOut]
    counterfactual: CounterfactualOut | None

    @classmethod
    def of(cls, found: RowExplanation) -> Self:
        row, changed = found.explanation, found.counterfactual
        return cls(
            row=row.row,
            score=row.score,
            raw_score=row.raw_score,
            is_anomaly=row.is_anomaly,
            severity=row.severity.value,
            percentile=found.percentile,
            alert_rate=found.alert_rate,
            reason=row.sentence,
            contributions=[ContributionOut.of(each) for each in row.contributions],
            values=plain(found.cells),
            nearest_normal=[NormalRowOut.of(each) for each in found.nearest_normal],
            counterfactual=None if changed is None else CounterfactualOut.of(changed),
        )


class RunFacetOut(BaseModel):
    """``value``, or the range from ``low`` to ``high``. ``share`` of the flagged rows have it, ``lift`` times the share of
    all rows."""

    value: Any
    low: Any
    high: Any
    rows: int
    flagged: int
    share: float
    lift: float

    @classmethod
    def of(cls, facet: Facet) -> Self:
        return cls(**plain(asdict(facet)))


class FacetColumnOut(BaseModel):
    column: str
    values: list[RunFacetOut]


class RunFacetsOut(BaseModel):
    rows: int
    flagged: int
    columns: list[FacetColumnOut]

    @classmethod
    def of(cls, found: RunFacets) -> Self:
        columns = [
            FacetColumnOut(column=each.column, values=[RunFacetOut.of(facet) for facet in each.facets])
            for each in found.columns
        ]
        return cls(rows=found.rows, flagged=found.flagged, columns=columns)


@router.get(
    "/runs/{run}/rows/{n}/explanation",
    summary="Explain a row",
    responses=responses(Forbidden, RunNotFound, RunNotFinished, NoSuchRow, ResultLost),
)
def explain_row(run: RunPath, row: RowPath, actor: Reader, service: Service) -> RowExplanationOut:
    """By the model and the threshold in force."""
    return RowExplanationOut.of(service.explain(actor.tenant_id, run, row))


@router.get(
    "/runs/{run}/facets",
    summary="Count what flagged rows have in common",
    responses=responses(Forbidden, RunNotFound, RunNotFinished, NoSuchColumn, ResultLost),
)
def count_facets(
    run: RunPath,
    actor: Reader,
    service: Service,
    column: Annotated[
        str | None,
        Query(max_length=500, examples=["country"], description="Without it: the five most telling."),
    ] = None,
) -> RunFacetsOut:
    """Values, or ranges of numbers and times, that flagged rows have; those with the highest lift first."""
    return RunFacetsOut.of(service.facets(actor.tenant_id, run, column=column))
