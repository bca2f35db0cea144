"""Two runs over the same rows, head to head."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Query, Response

from anomaly_detection.api import Runs
from anomaly_detection.application.runs.compare_runs import Comparison, RunsNotComparable
from anomaly_detection.application.runs.ports import RunFilter, RunView
from anomaly_detection.domain.ids import RunId
from anomaly_detection.domain.runs.run import no_run
from anomaly_detection.presentation.http.run_rows import RunPath
from anomaly_detection.presentation.pages.compare_tables import facts_table, rows_table
from anomaly_detection.presentation.pages.runs import Detectors, RunService, named_in
from anomaly_detection.presentation.pages.runs_words import Named, dataset_of, run_href, title_of
from core.application.jobs import JobState
from core.domain.ids import TenantId
from core.domain.public_ids import parsed, shown
from core.domain.wording import count
from core.presentation.forms import told
from core.presentation.http import requires
from core.presentation.page_routes import PageRoute
from core.presentation.parts import EmptyState, Field, Figure, Link, Notice, Option, Table
from core.presentation.visit import Here, Visit

router = APIRouter(
    prefix="/t/{tenant}",
    route_class=PageRoute,
    include_in_schema=False,
    dependencies=[requires("runs:read")],
)
MOST_OFFERED = 100  # of the newest runs over the dataset
AGREE, DIFFER = 0.8, 0.4  # rank correlations from which runs are said to agree, below which to differ


@dataclass(frozen=True, slots=True, kw_only=True)
class ComparePage:
    """``answer`` is the sentence that counts; A is the run of the address, B the other."""

    title: str
    action: str
    other: Field | None
    empty: EmptyState | None
    problem: Notice | None
    answer: str
    figures: tuple[Figure, ...]
    tables: tuple[tuple[str, Table], ...]


@router.get("/runs/{run}/compare")
def compare(
    visit: Here,
    run: RunPath,
    runs: RunService,
    detectors: Detectors,
    other_id: Annotated[str, Query(alias="with", max_length=100)] = "",
) -> Response:
    tenant_id = visit.actor.tenant_id
    this = runs.queries.run(tenant_id, run)
    runs.queries.finished(tenant_id, run)  # refuses one without a result
    other = _other(runs, tenant_id, other_id) if other_id else None
    offered = _over_same_rows(runs, tenant_id, this)
    named = named_in(detectors, tenant_id, [this, *offered, *([other] if other else [])])
    found, problem = _compared(runs, tenant_id, this, other)
    title = f"Compare {title_of(this, named)}"
    page = ComparePage(
        title=title,
        action=run_href(visit, this, "compare"),
        other=_choice(visit, offered, other, named) if offered else None,
        empty=None if offered or other else _nothing_to_compare(visit, this),
        problem=problem,
        answer=_answer(found) if found else "",
        figures=_figures(found) if found else (),
        tables=_tables(visit, runs, this, other, found, named) if found and other else (),
    )
    here = Link(title_of(this, named), run_href(visit, this))
    crumbs = (Link("Runs", visit.url("runs")), here, Link("Compare", ""))
    return visit.page("anomaly_detection/compare.html", page, title=title, crumbs=crumbs)


def _other(runs: Runs, tenant_id: TenantId, reference: str) -> RunView:
    """Raises RunNotFound."""
    found = parsed("run", reference)
    if found is None:
        raise no_run()
    return runs.queries.run(tenant_id, RunId(found))


def _over_same_rows(runs: Runs, tenant_id: TenantId, this: RunView) -> list[RunView]:
    wanted = RunFilter(states=(JobState.SUCCEEDED,), dataset=shown("ds", this.dataset_id))
    page = runs.queries.runs(tenant_id, wanted, sort="-created_at", limit=MOST_OFFERED, cursor=None)
    same = this.dataset_version_id
    return [each for each in page.items if each.dataset_version_id == same and each.id != this.id]


def _compared(
    runs: Runs, tenant_id: TenantId, this: RunView, other: RunView | None
) -> tuple[Comparison | None, Notice | None]:
    if other is None:
        return None, None
    try:
        return runs.compare(tenant_id, this.id, other.id), None
    except RunsNotComparable as error:
        return None, told(error)


def _choice(visit: Visit, offered: list[RunView], other: RunView | None, named: Named) -> Field:
    options = []
    for each in offered:
        words = f"{title_of(each, named)}, {visit.moment(each.created_at, seconds=True).shown}"
        options.append(Option(shown("run", each.id), words, other is not None and each.id == other.id))
    return Field(name="with", label="Compare with", kind="select", options=tuple(options))


def _nothing_to_compare(visit: Visit, this: RunView) -> EmptyState:
    return EmptyState(
        code="first-use",
        title="No other run over these rows yet",
        text=f"Search {dataset_of(this)} with another detector: then the two can be compared row by row.",
        actions=(Link("New detector", visit.url("detectors", "new", dataset=this.dataset_slug)),)
        if visit.may("detectors:write")
        else (),
    )


def _answer(found: Comparison) -> str:
    only_a = found.flagged_by_this - found.flagged_by_both
    only_b = found.flagged_by_other - found.flagged_by_both
    words = f"Of {count(found.rows, 'row')}, both flag {found.flagged_by_both:,}, A alone {only_a:,}, B alone {only_b:,}."
    correlation = found.rank_correlation
    if correlation is None:
        return f"{words} One of them scores all rows alike."
    judged = (
        "put rows in much the same order"
        if correlation >= AGREE
        else "put rows in quite different orders"
        if correlation < DIFFER
        else "agree in part on the order of rows"
    )
    return f"{words} They {judged}."


def _figures(found: Comparison) -> tuple[Figure, ...]:
    both = found.flagged_by_both
    correlation = "none" if found.rank_correlation is None else f"{found.rank_correlation:.2f}"
    return (
        Figure(name="Flagged by both", value=f"{both:,}"),
        Figure(name="By A alone", value=f"{found.flagged_by_this - both:,}"),
        Figure(name="By B alone", value=f"{found.flagged_by_other - both:,}"),
        Figure(
            name="Rank correlation", value=correlation, note="Spearman's, of all scores; 1: the same order"
        ),
    )


def _tables(
    visit: Visit, runs: Runs, this: RunView, other: RunView, found: Comparison, named: Named
) -> tuple[tuple[str, Table], ...]:
    precision = runs.precision.of_runs(visit.actor.tenant_id, [this.id, other.id])
    facts = facts_table(visit, (this, other), named, precision)
    lists = (
        ("Flagged by A alone", "only-a", found.only_this),
        ("Flagged by B alone", "only-b", found.only_other),
        ("Flagged by both", "both", found.both),
    )
    rows = rows_table(visit, runs, (this, other), [numbers for _, _, numbers in lists])
    found_rows = tuple((title, rows(id_, title, numbers)) for title, id_, numbers in lists if numbers)
    return (("Head to head", facts), *found_rows)
