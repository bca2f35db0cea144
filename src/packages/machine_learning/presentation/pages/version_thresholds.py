"""Another threshold for a stored version: what it changes is seen first; the way back is one click."""

from collections.abc import Iterator, Sequence
from typing import Annotated

from fastapi import Query, Response

from anomaly_detection.api import NoFormerThreshold, rate_at_score
from core.domain.errors import Conflict, DomainError, Stale
from core.presentation.http import requires
from core.presentation.page_routes import Form
from core.presentation.parts import Column, Row, Table, Text
from core.presentation.visit import Here, Visit
from machine_learning.api import ModelRegistry, VersionView
from machine_learning.domain.registry.version import NotServable
from machine_learning.presentation.pages.confirmation import (
    Confirmation,
    UnusableNote,
    answered,
    note_field,
    noted,
    read_version,
)
from machine_learning.presentation.pages.evaluated import FLAGGED_AT, Evaluated
from machine_learning.presentation.pages.evaluation import Measuring, chosen_evaluation
from machine_learning.presentation.pages.shared import ModelPath, NumberPath, Registry, model_pages, percent

router = model_pages()
WRITES = [requires("models:write")]
THRESHOLD = "/models/{model}/versions/{number}/threshold"
Score = Annotated[int, Query(ge=1, le=99, description="Rows that score as much now are flagged then.")]
Source = Annotated[str, Query(max_length=40, description="The evaluation that says what changes.")]


@router.get(THRESHOLD, dependencies=WRITES)
def ask_to_move(
    visit: Here,
    model: ModelPath,
    number: NumberPath,
    registry: Registry,
    threshold: Score,
    source: Source = "",
) -> Response:
    version = registry.models.version(visit.actor.tenant_id, model, number)
    return _page(visit, registry, version, threshold, source)


@router.post(THRESHOLD, dependencies=WRITES)
def move(
    visit: Here,
    form: Form,
    model: ModelPath,
    number: NumberPath,
    registry: Registry,
    threshold: Score,
    source: Source = "",
) -> Response:
    version = registry.models.version(visit.actor.tenant_id, model, number)
    rate = rate_at_score(version.alert_rate, threshold / 100)
    try:
        registry.move_threshold(
            visit.actor,
            model,
            number=number,
            alert_rate=rate,
            read=read_version(form) or 0,
            note=noted(form),
        )
    except (Conflict, UnusableNote) as error:
        version = registry.models.version(visit.actor.tenant_id, model, number)
        return _page(visit, registry, version, threshold, source, error=error, note=form.text("note"))
    return visit.go(
        visit.url("models", model, v=number), f"Version {number} flags {percent(rate)} of usual rows now."
    )


@router.post(THRESHOLD + "/undo", dependencies=WRITES)
def undo(visit: Here, form: Form, model: ModelPath, number: NumberPath, registry: Registry) -> Response:
    """Raises NoFormerThreshold."""
    try:
        version = registry.move_threshold(
            visit.actor, model, number=number, alert_rate=None, read=read_version(form) or 0
        )
    except (Stale, NotServable) as error:
        return _undo_page(
            visit, registry, registry.models.version(visit.actor.tenant_id, model, number), error
        )
    flags = f"Version {number} flags {percent(version.alert_rate)} of usual rows again."
    return visit.go(visit.url("models", model, v=number), flags)


def _undo_page(visit: Visit, registry: ModelRegistry, version: VersionView, error: DomainError) -> Response:
    """What an undo would do now, after somebody changed the version meanwhile. Raises NoFormerThreshold."""
    if version.previous_alert_rate is None:
        raise NoFormerThreshold("There is nothing to undo.", fix="Open the model to see its threshold.")
    page = Confirmation(
        title=f"Undo the last move of the threshold of version {version.number}",
        lead="From the next request on, rows are cut at the rate before.",
        facts=_table([_rates(version, version.previous_alert_rate)], "What changes"),
        read=version.version,
        button="Undo it",
    )
    return answered(visit, registry.models.model(visit.actor.tenant_id, version.model), page, error)


def _page(
    visit: Visit,
    registry: ModelRegistry,
    version: VersionView,
    score: int,
    source: str,
    *,
    error: DomainError | None = None,
    note: str = "",
) -> Response:
    """Raises InvalidThreshold."""
    rate = rate_at_score(version.alert_rate, score / 100)
    measuring = Measuring(registry=registry, visit=visit)
    one = measuring.evaluated(version, chosen_evaluation(measuring.of(version), source))
    page = Confirmation(
        title=f"Move the threshold of version {version.number}",
        lead=f"From the next request on, rows that score {score} now score {FLAGGED_AT}, and rows from there on are flagged. "
        "Runs that are done keep their threshold, and the model file the one it was trained with. You can undo it."
        + (f" Measured on {one.source}." if one else ""),
        facts=_difference(version, rate, one, score),
        fields=(note_field(note),),
        read=version.version,
        button="Apply this threshold",
    )
    return answered(visit, registry.models.model(visit.actor.tenant_id, version.model), page, error)


def _difference(version: VersionView, rate: float, one: Evaluated | None, score: int) -> Table:
    if one is None:
        return _table([_rates(version, rate)], "What changes")
    return _table(
        [_rates(version, rate), *_measured(one, score)], f"What changes among labelled rows: {one.source}"
    )


def _rates(version: VersionView, then: float) -> tuple[str, str, str]:
    return "Flags, of rows like those it learned from", percent(version.alert_rate), percent(then)


def _table(facts: Sequence[tuple[str, str, str]], caption: str) -> Table:
    return Table(
        id="difference",
        caption=caption,
        columns=(Column("What"), Column("Now"), Column("Then")),
        rows=tuple(
            Row(f"difference-{at}", tuple(Text(value) for value in fact)) for at, fact in enumerate(facts)
        ),
    )


def _measured(one: Evaluated, score: int) -> Iterator[tuple[str, str, str]]:
    now, then = one.curve.at(FLAGGED_AT / 100), one.curve.at(score / 100)
    for name, field in (("Anomalies found", "true_positives"), ("Anomalies missed", "false_negatives")):
        yield name, f"{getattr(now, field):,}", f"{getattr(then, field):,}"
    yield "False alarms", f"{now.false_positives:,}", f"{then.false_positives:,}"
    yield (
        "Rows flagged",
        f"{now.true_positives + now.false_positives:,}",
        f"{then.true_positives + then.false_positives:,}",
    )
