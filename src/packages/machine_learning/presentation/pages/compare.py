"""Versions of a model side by side."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Query, Response
from fastapi.responses import RedirectResponse

from core.presentation.charts.chart import Chart
from core.presentation.parts import Column, Link, Notice, Row, Table, Text
from core.presentation.visit import Here, Visit
from machine_learning.api import ModelRegistry, ModelView, VersionView
from machine_learning.application.registry.compare_versions import ComparedFact, NothingToCompare, compared
from machine_learning.presentation.pages.curve_charts import CurveView, precision_chart, roc_chart
from machine_learning.presentation.pages.downloads import MEASURES
from machine_learning.presentation.pages.evaluated import Evaluated
from machine_learning.presentation.pages.evaluation import Measuring, chosen_evaluation
from machine_learning.presentation.pages.shared import (
    ModelPath,
    Registry,
    crumbs,
    interval,
    model_pages,
    percent,
)

router = model_pages()
MOST_CURVES = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class ComparePage:
    title: str
    actions: tuple[Link, ...]
    notices: tuple[Notice, ...]
    measures: Table
    differs: Table
    alike: Table
    precision: Chart | None
    roc: Chart | None


@router.get("/models/{model}/compare")
def compare(
    visit: Here,
    model: ModelPath,
    registry: Registry,
    v: Annotated[str, Query(pattern=r"^(\d{1,9}(,\d{1,9}){0,20})?$")] = "",
    row: Annotated[list[str] | None, Query(max_length=50, description="As a list's form sends them.")] = None,
) -> Response:
    if row:
        numbers = [each.removeprefix("v") for each in row if each.removeprefix("v").isdigit()]
        return RedirectResponse(
            visit.url("models", model, "compare", v=",".join(numbers[:21])), status_code=303
        )
    tenant_id = visit.actor.tenant_id
    asked = list(dict.fromkeys(int(number) for number in v.split(",") if number))
    if not 2 <= len(asked) <= 5:
        raise NothingToCompare(
            f"{len(asked)} versions are chosen.", fix="Choose two to five of the model's versions."
        )
    view = registry.models.model(tenant_id, model)
    versions = [registry.models.version(tenant_id, model, number) for number in asked]
    page = _page(visit, registry, view, versions)
    return visit.page(
        "machine_learning/compare.html", page, title=page.title, crumbs=crumbs(visit, view, "Compare")
    )


def _page(
    visit: Visit, registry: ModelRegistry, model: ModelView, versions: Sequence[VersionView]
) -> ComparePage:
    facts = [fact for fact in compared(versions) if fact.group != "metrics"]
    rows = [(_name(fact), [_value(fact.name, value) for value in fact.values]) for fact in facts]
    differing = [row for row, fact in zip(rows, facts, strict=True) if fact.differs]
    measures = _measures(versions)
    measured = [row for row in measures if len(set(row[1])) > 1]
    alike = [row for row in (*rows, *measures) if row not in differing and row not in measured]
    curves = _curves(visit, registry, versions)
    view = CurveView(href=lambda score: visit.url("models", model.slug, v=curves[0].number, threshold=score))
    numbers = ", ".join(str(version.number) for version in versions)
    return ComparePage(
        title=f"{model.name}: versions {numbers}",
        actions=_actions(visit, model, versions),
        notices=tuple(_notices(versions, curves)),
        measures=_drawn("measures", "Measures with 95 % bootstrap intervals", versions, measured),
        differs=_drawn("differs", "What differs", versions, differing),
        alike=_drawn("alike", "What is alike", versions, alike),
        precision=precision_chart(visit, curves, view=view) if curves else None,
        roc=roc_chart(visit, curves, view=view) if curves else None,
    )


def _curves(visit: Visit, registry: ModelRegistry, versions: Sequence[VersionView]) -> list[Evaluated]:
    """All on the rows the first one was measured on last, where they were measured there, too."""
    measuring = Measuring(registry=registry, visit=visit)
    first = next((found for each in versions if (found := chosen_evaluation(measuring.of(each), ""))), None)
    if first is None:
        return []
    drawn = [measuring.like(version, first) for version in versions[:MOST_CURVES]]
    return [one for one in drawn if one is not None]


def _notices(versions: Sequence[VersionView], curves: Sequence[Evaluated]) -> list[Notice]:
    notices = []
    if len({(one.document["dataset"], one.document["number"]) for one in curves}) > 1:
        text = "; ".join(f"{one.name} on {one.source}" for one in curves)
        title = "Not all were measured on the same rows"
        notices.append(
            Notice(kind="warning", title=title, text=f"{text}. Evaluate them on one dataset first.")
        )
    missing = {version.number for version in versions[:MOST_CURVES]} - {one.number for one in curves}
    if missing:
        which = ", ".join(map(str, sorted(missing)))
        notices.append(Notice(title=f"Without curves: version {which}", text="No labels have measured it."))
    if len(versions) > MOST_CURVES:
        notices.append(Notice(title=f"Curves are drawn of the first {MOST_CURVES}"))
    return notices


def _measures(versions: Sequence[VersionView]) -> list[tuple[str, list[str]]]:
    rows = [("Measured on", [_source(version.metrics) for version in versions])]
    for name, title in MEASURES.items():
        rows.append((title, [interval((version.metrics or {}).get(name)) for version in versions]))
    return rows


def _source(metrics: Mapping[str, Any] | None) -> str:
    return f"{metrics['dataset']} version {metrics['number']}" if metrics else "no labels"


def _drawn(
    id_: str, caption: str, versions: Sequence[VersionView], rows: Sequence[tuple[str, Sequence[str]]]
) -> Table:
    heads = [
        f"version {each.number}" + (f" ({', '.join(each.aliases)})" if each.aliases else "")
        for each in versions
    ]
    return Table(
        id=id_,
        caption=caption,
        columns=(Column("What"), *(Column(head) for head in heads)),
        rows=tuple(
            Row(f"{id_}-{at}", (Text(name), *(Text(value) for value in values)))
            for at, (name, values) in enumerate(rows)
        ),
    )


def _name(fact: ComparedFact) -> str:
    return (
        f"Parameter {fact.name}" if fact.group == "parameters" else fact.name.replace("_", " ").capitalize()
    )


def _value(name: str, value: Any) -> str:
    if value is None:
        return ""
    if name == "alert_rate":
        return percent(value)
    if isinstance(value, int) and not isinstance(value, bool):
        return f"{value:,}"
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def _actions(visit: Visit, model: ModelView, versions: Sequence[VersionView]) -> tuple[Link, ...]:
    if not visit.may("models:write"):
        return ()
    return tuple(
        Link(
            f"Make version {version.number} champion",
            visit.url("models", model.slug, "alias", name="champion", v=version.number),
        )
        for version in versions
        if version.state == "ready" and "champion" not in version.aliases
    )
