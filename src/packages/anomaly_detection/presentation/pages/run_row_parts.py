"""One row of a run: why it scores as it does, and what people said of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from anomaly_detection.application.explanations.explain_run_row import RowExplanation
from anomaly_detection.application.labels.ports import LabelView
from anomaly_detection.application.runs.ports import RunView
from anomaly_detection.application.runs.same_entity import Entity
from anomaly_detection.domain.explanation import Contribution, number, percent
from anomaly_detection.domain.labels.label import LabelChange
from anomaly_detection.presentation.pages.run_result_rows import VERDICTS, may_label, value_cell
from anomaly_detection.presentation.pages.runs_words import dataset_of, run_href
from core.presentation.json_text import plain
from core.presentation.parts import (
    Badge,
    Button,
    Column,
    Field,
    Link,
    Moment,
    Number,
    Option,
    Reasons,
    Row,
    Table,
    Text,
)
from core.presentation.visit import Visit
from data_platform.api import UsualNumbers

SHOWN_CATEGORIES = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelForm:
    """``remove`` takes the label away."""

    action: str
    version: str
    verdicts: tuple[Option, ...]
    note: Field
    remove: Button | None


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelEntry:
    words: str
    at: Moment
    by: str
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RowPanel:
    """``compared_href`` leads to what costs most to find out, ``permalink`` to the row's own page; ``said`` is
    empty for who may not read labels."""

    row: int
    title: str
    badge: Badge
    answer: str
    values: Table
    permalink: str
    close_href: str
    label: LabelForm | None
    said: str
    history: tuple[LabelEntry, ...]
    compared: "Compared | None"


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """``counterfactual`` says what would have to be otherwise; ``entity`` is who the row is about, empty where no column says
    so, and ``others`` are rows about the same."""

    counterfactual: str
    nearest: Table | None
    entity: str
    others: Table | None


def title_of_row(found: RowExplanation) -> str:
    return f"Why this row scores {_score(found.explanation.score).removesuffix('.0')}"


def answer_of_row(found: RowExplanation) -> str:
    row = found.explanation
    share = f"{100 * found.percentile:.4g} % of the run's rows score lower."
    return f"{row.sentence[:1].upper()}{row.sentence[1:]}. {share}"


def values_table(found: RowExplanation) -> Table:
    """Contributions, the largest first, then the columns that the model does not look at."""
    parts = found.explanation.contributions
    largest = max((abs(part.contribution) for part in parts), default=0.0) or 1.0
    used = {part.column for part in parts}
    rows = [_contributed(i, part, largest) for i, part in enumerate(parts)]
    rest = [(name, value) for name, value in plain(found.cells).items() if name not in used]
    rows += [
        Row(f"value-{len(parts) + i}", (Text(name), value_cell(value), Text(""), Text("")))
        for i, (name, value) in enumerate(rest)
    ]
    return Table(
        id="values",
        caption="Values, what is typical, and what each adds to the score",
        columns=(Column("Column"), Column("Value"), Column("Typical"), Column("Adds")),
        rows=tuple(rows),
    )


def _contributed(i: int, part: Contribution, largest: float) -> Row:
    value = plain({"value": part.value})["value"]
    odd = part.words if part.material else ""
    bar = Reasons(((f"{part.contribution:+.3g}", part.contribution / largest),))
    return Row(f"value-{i}", (Text(part.column), value_cell(value, odd), Text(typical(part)), bar))


def typical(part: Contribution) -> str:
    """``40 to 310``: where 90 % of a number's training values lie; or the commonest values."""
    usual = part.usual
    if isinstance(usual, UsualNumbers):
        return (
            number(usual.low)
            if usual.low == usual.high
            else f"{number(usual.low)}\u00a0to\u00a0{number(usual.high)}"
        )
    commonest = sorted(usual.shares.items(), key=lambda pair: -pair[1])[:SHOWN_CATEGORIES]
    return ", ".join(f"{value[:30]} {percent(share)}" for value, share in commonest)


def compared_of(visit: Visit, found: RowExplanation, entity: Entity | None) -> Compared:
    changed = found.counterfactual
    if changed is not None:
        words = f"It would score below 80 if {' and '.join(change.words for change in changed.changes)}."
    elif found.explanation.is_anomaly:
        words = "No small change was found with which it would not be flagged."
    else:
        words = "It is not flagged."
    return Compared(
        counterfactual=words,
        nearest=_nearest(found) if found.nearest_normal else None,
        entity=entity.id if entity else "",
        others=_others(visit, entity) if entity and entity.rows else None,
    )


def _others(visit: Visit, entity: Entity) -> Table:
    return Table(
        id="others",
        caption=f"Other flagged rows of {entity.id}",
        columns=tuple(map(Column, ("Row", "Score", "Dataset", "Method", "Run of"))),
        rows=tuple(
            Row(
                f"other-{i}",
                (
                    Link(f"{each.row:,}", run_href(visit, each.run, "rows", str(each.row))),
                    Badge(100 * each.score, each.severity.rank),
                    Text(dataset_of(each.run)),
                    Text(each.run.algorithm),
                    visit.moment(each.run.created_at),
                ),
            )
            for i, each in enumerate(entity.rows)
        ),
    )


def _nearest(found: RowExplanation) -> Table:
    """The row beside the usual rows that resemble it most; where they differ is marked."""
    normal = found.nearest_normal
    own, others = plain(found.cells), [plain(each.cells) for each in normal]
    rows = [
        Row(f"near-{i}", (Text(name), *_side_by_side(name, own, others, [each.differs for each in normal])))
        for i, name in enumerate(others[0])
    ]
    return Table(
        id="nearest",
        caption="The nearest rows that are not flagged",
        columns=(Column("Column"), Column("This row"), *(Column(f"Row {each.row:,}") for each in normal)),
        rows=(
            Row(
                "near-score",
                (
                    Text("score"),
                    *(Number(_score(s)) for s in (found.explanation.score, *(n.score for n in normal))),
                ),
            ),
            *rows,
        ),
    )


def _side_by_side(
    name: str, own: Mapping[str, Any], others: Sequence[Mapping[str, Any]], differs: Sequence[Sequence[str]]
) -> list[Any]:
    cells = [value_cell(own.get(name))]
    for values, differing in zip(others, differs, strict=True):
        cells.append(value_cell(values.get(name), "differs most here" if name in differing else ""))
    return cells


def _score(score: float) -> str:
    return Badge(100 * score, 0).value


def label_form(visit: Visit, run: RunView, row: int, label: LabelView | None) -> LabelForm | None:
    if not may_label(visit):
        return None
    action, version = run_href(visit, run, "rows", str(row), "label"), str(label.version if label else "")
    return LabelForm(
        action=action,
        version=version,
        verdicts=tuple(
            Option(verdict, words.capitalize(), label is not None and label.verdict == verdict, key=key)
            for verdict, (key, words) in VERDICTS.items()
        ),
        note=Field(name="note", label="Comment", kind="textarea", value=label.note if label else ""),
        remove=None
        if label is None
        else Button(text="Remove the label", action=action, values=(("verdict", ""), ("version", version))),
    )


def said_of(visit: Visit, label: LabelView | None) -> str:
    if label is None:
        return "Nobody has labelled it."
    by = visit.name(label.user_id)
    return f"Labelled {VERDICTS[label.verdict][1]}{f' by {by}' if by else ''}."


def entries_of(visit: Visit, changes: Sequence[LabelChange]) -> tuple[LabelEntry, ...]:
    return tuple(
        LabelEntry(
            words="label removed" if change.verdict is None else VERDICTS[change.verdict][1],
            at=visit.moment(change.at),
            by=visit.name(change.user_id) or ("an API key" if change.key_id else "the console"),
            note=change.note,
        )
        for change in changes
    )
