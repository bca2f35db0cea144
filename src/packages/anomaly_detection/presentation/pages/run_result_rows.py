"""The rows of a run as a table: score, key columns, why, and the label with the buttons that give it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from anomaly_detection.application.labels.ports import LabelView
from anomaly_detection.application.runs.ports import RunView, ScoredRow
from anomaly_detection.domain.explanation import NEGLIGIBLE, number
from anomaly_detection.domain.labels.label import Verdict
from anomaly_detection.presentation.pages.run_result_query import (
    THRESHOLD,
    ResultQuery,
    score_text,
)
from anomaly_detection.presentation.pages.runs_words import run_href
from core.domain.page import Page
from core.domain.public_ids import shown
from core.presentation.parts import (
    Answers,
    Badge,
    Cell,
    Column,
    EmptyState,
    Link,
    Number,
    Option,
    Pager,
    Reasons,
    Row,
    Table,
    Text,
)
from core.presentation.visit import Visit

TABLE, DRAWER, BULK = "anomalies", "drawer", "bulk"
NAMED = 3  # columns that a row's reason names
LONGEST = 60  # characters of a cell
KEY_COLUMNS = 2  # where nobody chose
# What a reason says of a number, as a sign: the arrow is where the value lies.
SIGNS = {
    " is far above its usual ": "▲",
    " is above its usual ": "▲",
    " is at the upper end of its usual ": "▲",
    " is far below its usual ": "▼",
    " is below its usual ": "▼",
    " is at the lower end of its usual ": "▼",
    " adds to it, though within its usual ": "",
}
VERDICTS: Mapping[Verdict, tuple[str, str]] = {
    Verdict.TRUE: ("1", "true"),
    Verdict.FALSE_POSITIVE: ("2", "false positive"),
    Verdict.EXPECTED: ("3", "expected"),
    Verdict.BAD_DATA: ("4", "bad data"),
    Verdict.UNSURE: ("0", "unsure"),
}
Labels = Mapping[int, LabelView]


def may_label(visit: Visit) -> bool:
    """Who labels has to see what was said before."""
    return visit.may("labels:read") and visit.may("labels:write")


@dataclass(frozen=True, slots=True, kw_only=True)
class RowsTable:
    """Of one run. ``columns`` are its key columns."""

    visit: Visit
    run: RunView
    asked: ResultQuery
    columns: Sequence[str]

    def table(self, page: Page[ScoredRow], labels: Labels) -> Table:
        href = self.visit.here(cursor=page.next_cursor, row=None) if page.next_cursor else ""
        first = self.visit.here(row=None) if self.asked.cursor else ""
        total, shown = page.total or 0, len(page.items)
        return Table(
            id=TABLE,
            caption=f"Rows with a score of at least {score_text(self.asked.min_score)}",
            columns=self._head(),
            rows=tuple(self._row(row, labels.get(row.row)) for row in page.items),
            pager=Pager(
                shown=f"{total:,} {'row matches' if total == 1 else 'rows match'}",
                next_href=href,
                first_href=first,
            )
            if shown
            else None,
            rows_href=href,
            swaps="rows",
            empty=self._empty(),
            opens=DRAWER,
            form=BULK,
        )

    def _head(self) -> tuple[Column, ...]:
        return (
            self._sorted("Score", "-score", "score"),
            self._sorted("Row", "row", "-row"),
            *(Column(name) for name in self.columns),
            Column("Why"),
            *((Column("Label"),) if self.visit.may("labels:read") else ()),
        )

    def _sorted(self, title: str, first: str, reverse: str) -> Column:
        """In the order ``first``, and the other way round where that is in force."""
        sort = self.asked.sort
        wanted = reverse if sort == first else first
        href = self.visit.here(sort=None if wanted == "-score" else wanted)
        if sort not in (first, reverse):
            return Column(title, title == "Score", href)
        return Column(title, title == "Score", href, "descending" if sort.startswith("-") else "ascending")

    def _row(self, row: ScoredRow, label: LabelView | None) -> Row:
        href = self.visit.here(row=row.row, cursor=self.asked.cursor)
        reasons = reasons_of(row)
        odd = dict(reasons.named)
        return Row(
            f"row-{row.row}",
            (
                badge_of(row),
                Link(row.row_id[:LONGEST] or f"{row.row:,}", href),
                *(value_cell(row.cells.get(name), odd.get(name, "")) for name in self.columns),
                reasons.cell,
                *((self._label(row.row, label),) if self.visit.may("labels:read") else ()),
            ),
            href=href,
            selected=row.row == self.asked.row,
            checked=False if may_label(self.visit) else None,
            value=f"{row.row}:{label.version if label else ''}",
        )

    def _label(self, row: int, label: LabelView | None) -> Cell:
        if not may_label(self.visit):
            return Text(VERDICTS[label.verdict][1] if label else "")
        return answers_of(self.visit, self.run, row, label)

    def _empty(self) -> EmptyState:
        rows, flagged = self.run.rows or 0, self.run.anomalies or 0
        everything = Link("Clear filters", run_href(self.visit, self.run))
        lower = Link("Lower the score filter", self.visit.here(min_score=50, facet=None))
        if flagged == 0 and not self.asked.facets and self.asked.min_score >= THRESHOLD:
            at = self.run.finished_at
            when = f", finished {self.visit.moment(at).shown}" if at else ""
            return EmptyState(
                code="healthy",
                title="Nothing unusual",
                text=f"{rows:,} rows checked, 0 anomalies{when}. The chart shows how all of them score. "
                "Where some are known to be unusual, give the share of rows to flag, or try another method.",
                actions=(lower,),
            )
        return EmptyState(
            code="filtered",
            title="No row matches",
            text=f"0 of {flagged:,} flagged rows match the filters.",
            actions=(everything, lower),
        )


@dataclass(frozen=True, slots=True)
class RowReasons:
    """``named``: column -> what its part of the reason says."""

    named: tuple[tuple[str, str], ...]
    cell: Cell


def reasons_of(row: ScoredRow) -> RowReasons:
    """The reason's parts with the contributions they are made of."""
    largest = list(row.contributions.items())[:NAMED]
    top = largest[0][1] if largest else 0.0
    material = [(column, share) for column, share in largest if top > 0 and share >= NEGLIGIBLE * top]
    if not material:
        return RowReasons((), Text(row.reason))
    parts = _parts(row.reason, [column for column, _ in material])
    named = tuple((column, words) for (column, _), words in zip(material, parts, strict=True))
    bars = tuple((brief(words), share / top) for (_, share), words in zip(material, parts, strict=True))
    return RowReasons(named, Reasons(bars))


def brief(words: str) -> str:
    """``amount 9,820 ▲ typical 40-310``"""
    for phrase, sign in SIGNS.items():
        head, found, tail = words.rpartition(phrase)
        if found:
            return f"{head} {sign} typical {tail}".replace("  ", " ")
    return words if len(words) <= 2 * LONGEST else f"{words[: 2 * LONGEST]}..."


def _parts(reason: str, columns: Sequence[str]) -> list[str]:
    """The reason at its seams: each part begins with its column's name."""
    parts, rest = [], reason
    for following in columns[1:]:
        head, seam, tail = rest.partition(f"; {following} ")
        parts.append(head)
        rest = f"{following} {tail}" if seam else following
    return [*parts, rest]


def badge_of(row: ScoredRow) -> Badge:
    return Badge(100 * row.score, row.severity.rank)


def key_columns(rows: Sequence[ScoredRow], chosen: Sequence[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Those to show, and all there are: without a choice the first ones that the model looks at."""
    if not rows:
        return (), ()
    first = rows[0]
    every = tuple(first.cells)
    if chosen:
        return tuple(name for name in chosen if name in first.cells), every
    used = [name for name in every if name in first.contributions] or list(every)
    return tuple(used[:KEY_COLUMNS]), every


def value_cell(value: Any, unusual: str = "") -> Cell:
    if isinstance(value, bool) or value is None:
        return Text("missing" if value is None else str(value).lower(), unusual)
    if isinstance(value, int | float):
        text = number(value)
        exact = "" if text.replace(",", "") == f"{value:g}" else repr(value)
        return Number(text, exact=unusual or exact, unusual=unusual)
    text = str(value)
    return Text(text if len(text) <= LONGEST else f"{text[:LONGEST]}...", unusual)


def run_tail(run: RunView) -> str:
    """Tells elements of several runs apart in one page."""
    return shown("run", run.id)[-8:].lower()


def answers_of(visit: Visit, run: RunView, row: int, label: LabelView | None) -> Answers:
    values = [("version", str(label.version if label else ""))]
    if label and label.note:
        values.append(("note", label.note))
    if visit.request.method == "GET":  # without JavaScript the list comes back as it was
        values.append(("back", visit.here(cursor=visit.request.query_params.get("cursor"))))
    return Answers(
        id=f"label-{run_tail(run)}-{row}",
        name="verdict",
        action=run_href(visit, run, "rows", str(row), "label"),
        options=tuple(
            Option(
                verdict,
                key,
                chosen=label is not None and label.verdict == verdict,
                hint=f"Row {row:,}: {words}",
                key=key,
            )
            for verdict, (key, words) in VERDICTS.items()
        ),
        values=tuple(values),
        said=VERDICTS[label.verdict][1] if label else "",
    )
