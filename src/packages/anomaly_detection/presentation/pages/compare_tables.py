"""The tables of a comparison of two runs."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from anomaly_detection.api import Runs
from anomaly_detection.application.runs.ports import RunView, ScoredRow
from anomaly_detection.domain.labels.precision import Precision
from anomaly_detection.presentation.pages.detectors_words import precision_text
from anomaly_detection.presentation.pages.runs_words import (
    Named,
    count_text,
    duration_text,
    run_href,
    scorer_cell,
    seconds_of,
)
from core.domain.public_ids import shown
from core.domain.wording import share
from core.presentation.parts import Badge, Cell, Column, Link, Row, Table, Text
from core.presentation.visit import Visit

EXAMPLES = 8  # of each list
MOST_CELLS = 4
MOST_REASONS = 3  # of a row
Two = tuple[RunView, RunView]
RowsTable = Callable[[str, str, Sequence[int]], Table]


def facts_table(visit: Visit, two: Two, named: Named, precision: Mapping[UUID, Precision]) -> Table:
    """A line for each thing, a column for each run."""

    def line(name: str, cell: Callable[[RunView], Cell]) -> Row:
        return Row(f"fact-{name.lower().replace(' ', '-')}", (Text(name), *(cell(run) for run in two)))

    return Table(
        id="facts",
        caption="The two runs",
        columns=(Column(""), Column("A"), Column("B")),
        rows=(
            line("Scored by", lambda run: scorer_cell(visit, run, named)),
            line("Algorithm", lambda run: Text(run.algorithm)),
            line("Settings", lambda run: Text(_settings(run))),
            line("Flagged", lambda run: Text(_flagged(run))),
            line(
                "Threshold",
                lambda run: Text("" if run.threshold is None else f"raw score {run.threshold:.4g}"),
            ),
            line("Severities", lambda run: Text(_severities(run))),
            line("Label precision", lambda run: Text(precision_text(precision.get(run.id)) or "no labels")),
            line("Started", lambda run: visit.moment(run.created_at, seconds=True)),
            line("Duration", lambda run: Text(duration_text(seconds_of(run)))),
            line("Result", lambda run: Link("Open", run_href(visit, run))),
        ),
    )


def rows_table(visit: Visit, runs: Runs, two: Two, lists: Iterable[Sequence[int]]) -> RowsTable:
    """What makes a table of rows of both runs; the rows of all ``lists`` are read at once. Raises ResultLost."""
    numbers = sorted({row for each in lists for row in each[:EXAMPLES]})
    tenant_id = visit.actor.tenant_id
    found = [runs.find_rows.these(runs.queries.finished(tenant_id, run.id), numbers) for run in two]

    def table(id_: str, caption: str, rows: Sequence[int]) -> Table:
        examples = [row for row in rows[:EXAMPLES] if all(row in each for each in found)]
        why = 1 if id_ == "only-b" else 0
        names = _telling_columns([found[why][row] for row in examples])
        return Table(
            id=id_,
            caption=caption,
            columns=(
                Column("Row"),
                Column("Score in A"),
                Column("Score in B"),
                Column("Why"),
                *(Column(name) for name in names),
            ),
            rows=tuple(
                Row(
                    f"{id_}-{row}",
                    (
                        Link(
                            found[why][row].row_id or f"{row:,}",
                            visit.url("runs", shown("run", two[why].id), "rows", str(row)),
                        ),
                        *(_badge(each[row]) for each in found),
                        Text(found[why][row].reason),
                        *(_text(found[why][row].cells.get(name)) for name in names),
                    ),
                )
                for row in examples
            ),
        )

    return table


def _telling_columns(rows: Sequence[ScoredRow]) -> list[str]:
    """Those that contribute most, to the most rows."""
    counts = Counter(name for row in rows for name in list(row.contributions)[:MOST_REASONS])
    return [name for name, _ in counts.most_common(MOST_CELLS)]


def _badge(row: ScoredRow) -> Badge:
    return Badge(row.score * 100, row.severity.rank)


def _text(value: Any) -> Text:
    return Text("" if value is None else f"{value:,g}" if isinstance(value, float) else str(value)[:100])


def _settings(run: RunView) -> str:
    given = run.configuration.get("parameters") or {}
    return ", ".join(f"{name} = {value}" for name, value in given.items()) or "as usual"


def _flagged(run: RunView) -> str:
    if run.anomalies is None or not run.rows:
        return ""
    return f"{run.anomalies:,} of {count_text(run.rows)} rows ({share(run.anomalies / run.rows)})"


def _severities(run: RunView) -> str:
    counts = run.by_severity or {}
    return ", ".join(
        f"{counts[name]:,} {name}" for name in ("critical", "high", "medium") if counts.get(name)
    )
