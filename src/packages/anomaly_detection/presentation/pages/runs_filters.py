"""What the list of runs is narrowed to."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from anomaly_detection.api import Definitions
from core.application.jobs import JobState
from core.presentation.parts import EmptyState, Field, Link, Option
from core.presentation.visit import Visit
from data_platform.api import Datasets

MOST_OFFERED = 200  # of datasets and of detectors
NAMES = ("state", "dataset", "detector", "model")


@dataclass(frozen=True, slots=True, kw_only=True)
class RunFilters:
    """``chips`` each take one filter away."""

    action: str
    fields: tuple[Field, ...]
    chips: tuple[Link, ...]
    kept: tuple[tuple[str, str], ...]  # of the query, beside the fields
    clear_href: str


def filters_of(visit: Visit, detectors: Definitions, datasets: Datasets) -> RunFilters:
    query = visit.request.query_params
    fields = (
        _select("state", "State", [(state, state) for state in JobState], query.get("state", "")),
        _select("dataset", "Dataset", dataset_options(visit, datasets), query.get("dataset", "")),
        detector_field(visit, detectors),
    )
    return RunFilters(
        action=visit.url("runs"),
        fields=fields,
        chips=tuple(
            Link(f"{name}: {query[name]}", visit.here(**{name: None})) for name in NAMES if query.get(name)
        ),
        kept=tuple((name, query[name]) for name in ("model", "sort") if query.get(name)),
        clear_href=visit.url("runs"),
    )


def detector_field(visit: Visit, detectors: Definitions, more: Sequence[tuple[str, str]] = ()) -> Field:
    """``more``: values and texts that are offered, too."""
    page = detectors.queries.page(visit.actor.tenant_id, sort="name", limit=MOST_OFFERED, cursor=None)
    offered = [*((each.slug, each.name) for each in page.items), *more]
    return _select("detector", "Detector", offered, visit.request.query_params.get("detector", ""))


def dataset_options(visit: Visit, datasets: Datasets) -> Sequence[tuple[str, str]]:
    """Slugs and names."""
    page = datasets.queries.page(
        visit.actor.tenant_id, search=None, sort="name", limit=MOST_OFFERED, cursor=None
    )
    return [(each.slug, each.name) for each in page.items]


def empty_runs(visit: Visit, filters: RunFilters, *, total: int) -> EmptyState:
    if filters.chips:
        return EmptyState(
            code="filtered",
            title=f"0 of {total:,} runs match",
            text=", ".join(chip.value for chip in filters.chips),
            actions=(Link("Clear filters", filters.clear_href),),
        )
    actions = [Link("Open datasets", visit.url("datasets"))]
    if visit.may("detectors:write"):
        actions.append(Link("New detector", visit.url("detectors", "new")))
    return EmptyState(
        code="first-use",
        title="No run yet",
        text="Each time a dataset is searched for anomalies, the run and what it found appear here. Open a dataset and "
        "choose Find anomalies.",
        actions=tuple(actions),
    )


def _select(name: str, label: str, offered: Iterable[tuple[str, str]], chosen: str) -> Field:
    """What was asked for is among the options even where it is no longer offered."""
    options = dict(offered)
    if chosen:
        options.setdefault(chosen, chosen)
    return Field(
        name=name,
        label=label,
        kind="select",
        value=chosen,
        options=(
            Option("", "All", not chosen),
            *(Option(value, text, value == chosen) for value, text in options.items()),
        ),
    )
