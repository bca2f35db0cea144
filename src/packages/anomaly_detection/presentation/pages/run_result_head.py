"""The head of a run's result: what was scored by what, and what can be done with it."""

from collections.abc import Sequence
from dataclasses import dataclass

from anomaly_detection.application.runs.ports import RunView
from anomaly_detection.presentation.pages.baseline import Baseline
from anomaly_detection.presentation.pages.run_progress import delete_button, retry_button
from anomaly_detection.presentation.pages.run_result_query import MOST_COLUMNS, ResultQuery
from anomaly_detection.presentation.pages.run_result_rows import may_label
from anomaly_detection.presentation.pages.runs_words import (
    Named,
    count_text,
    dataset_cell,
    duration_text,
    run_href,
    scorer_cell,
    seconds_of,
    state_of,
)
from core.domain.wording import listed
from core.presentation.parts import Button, Cell, Field, Link, Notice, Option, Text
from core.presentation.visit import Visit

FORMS = {"csv": "CSV", "ndjson": "NDJSON", "parquet": "Parquet"}
DRIFTED = 0.25  # population stability index: "a significant shift" (Siddiqi 2006)
CHOOSABLE = 60  # columns


@dataclass(frozen=True, slots=True, kw_only=True)
class ResultHead:
    """``exports`` are of the rows that are shown, ``whole`` of all."""

    facts: tuple[tuple[str, Cell], ...]
    notes: tuple[str, ...]
    drift: Notice | None
    exports: tuple[Link, ...]
    whole: tuple[Link, ...]
    links: tuple[Link, ...]
    can_label: bool
    buttons: tuple[Button, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoredBy:
    """``aliases``: those that the model's version has now; ``has_dataset``: what was scored is still there."""

    named: Named
    aliases: Sequence[str]
    has_dataset: bool


def head_of(
    visit: Visit, run: RunView, asked: ResultQuery, *, by: ScoredBy | None, baseline: Baseline | None
) -> ResultHead:
    """``by`` None: of a fragment, which does not show it."""
    summary = run.summary or {}
    return ResultHead(
        facts=_facts(visit, run, by) if by else (),
        notes=tuple(map(str, summary.get("notes", ()))) if by else (),
        drift=_drift(summary.get("drift") or {}),
        exports=_exports(visit, run, asked),
        whole=tuple(
            Link(name, f"{run_href(visit, run, 'export')}?format={form}&min_score=0")
            for form, name in FORMS.items()
        ),
        links=_links(visit, run, baseline),
        can_label=may_label(visit),
        buttons=_buttons(visit, run, baseline, can_repeat=by is not None and by.has_dataset),
    )


def _exports(visit: Visit, run: RunView, asked: ResultQuery) -> tuple[Link, ...]:
    """Of the whole filter, whatever page is shown."""
    query = visit.here(row=None, cols=None, sort=None, facets=None).partition("?")[2]
    more = f"&{query}" if asked.is_filtered and query else ""
    return tuple(
        Link(name, f"{run_href(visit, run, 'export')}?format={form}{more}") for form, name in FORMS.items()
    )


def _links(visit: Visit, run: RunView, baseline: Baseline | None) -> tuple[Link, ...]:
    beside = baseline.compare_link(visit) if baseline else None
    return (*((beside,) if beside else ()), Link("Compare with run...", run_href(visit, run, "compare")))


def _facts(visit: Visit, run: RunView, by: ScoredBy) -> tuple[tuple[str, Cell], ...]:
    model: Cell = Text("fitted on these rows")
    if run.model_reference:
        words = f"{run.model_reference} ({listed(by.aliases)})" if by.aliases else run.model_reference
        model = Link(words, visit.url("models", run.model_reference.partition(":")[0]))
    facts: list[tuple[str, Cell]] = [
        ("State", state_of(run)),
        ("Dataset", dataset_cell(visit, run, is_there=by.has_dataset)),
        *((("Detector", scorer_cell(visit, run, by.named)),) if run.detector_id else ()),
        ("Model", model),
        ("Algorithm", Text(run.algorithm)),
        ("Rows", Text(count_text(run.rows))),
        ("Took", Text(duration_text(seconds_of(run)))),
    ]
    if run.finished_at is not None:
        facts.append(("Finished", visit.moment(run.finished_at)))
    return tuple(facts)


def _drift(moved: dict[str, float]) -> Notice | None:
    far = sorted(((psi, name) for name, psi in moved.items() if psi >= DRIFTED), reverse=True)
    if not far:
        return None
    named = ", ".join(f"{name} ({psi:.2g})" for psi, name in far[:5])
    return Notice(
        kind="warning",
        title=f"{len(far)} {'column has' if len(far) == 1 else 'columns have'} moved since the model was trained",
        text=f"Population stability index: {named}. Train it anew if the change is to stay.",
    )


def _buttons(
    visit: Visit, run: RunView, baseline: Baseline | None, *, can_repeat: bool
) -> tuple[Button, ...]:
    found = [baseline.button(visit)] if baseline else []
    if visit.may("runs:write"):
        found += [retry_button(visit, run) if can_repeat else None, delete_button(visit, run)]
    return tuple(filter(None, found))


def chooser_of(every: Sequence[str], shown: Sequence[str]) -> Field | None:
    """Which columns the rows show."""
    if len(every) < 2:
        return None
    return Field(
        name="cols",
        label=f"Columns to show, {MOST_COLUMNS} at most",
        kind="checkboxes",
        options=tuple(Option(name, name[:60], name in shown) for name in every[:CHOOSABLE]),
    )
