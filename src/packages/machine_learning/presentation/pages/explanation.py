"""What a version goes by, and on which parts of the labelled rows it does worst."""

from core.domain.wording import count
from core.presentation.charts.chart import Bar, Chart, Plot, TableTwin
from core.presentation.charts.scale import Scale, Tick
from core.presentation.parts import Column, Number, Row, Table, Text
from core.presentation.visit import Visit
from machine_learning.domain.recut import MEASURED_AT
from machine_learning.presentation.pages.evaluated import Evaluated
from machine_learning.presentation.pages.shared import percent

MOST_DRAWN = 8  # columns; their names stand below the bars
LONGEST_NAME = 11  # characters below a bar
FILLED = 0.7  # share of a column's place that its bar takes


def contributions_chart(visit: Visit, one: Evaluated) -> Chart | None:
    """A bar for each column, the largest first. None where nothing was flagged."""
    found = one.document["explanation"]
    means = [(str(name), float(mean)) for name, mean in found["contributions"].items()]
    total = sum(mean for _, mean in means)
    if not total:
        return None
    shares = [(name, mean / total) for name, mean in means[:MOST_DRAWN]]
    plot = Plot()
    x, bottom = Scale(0, len(shares), *plot.across), plot.up[0]
    y = Scale.of([100 * share for _, share in shares], *plot.up, from_zero=True)
    width = round(FILLED * (x(1) - x(0)), 1)
    drawn = "" if len(means) <= MOST_DRAWN else f" The first {MOST_DRAWN} of {len(means)} columns are drawn."
    return Chart(
        id="contributions",
        title="What does it go by?",
        answer=f"{shares[0][0]} makes up {percent(shares[0][1])} of what {count(found['rows'], 'flagged row')} score.{drawn} {counted_then(one)}".rstrip(),
        twin=TableTwin(
            ("Column", "Share"),
            tuple((name, percent(share)) for name, share in shares),
            exact=tuple(shares),
        ),
        x_label="column",
        y_label="share in %",
        x_ticks=tuple(Tick(x(at + 0.5), at, short_name(name)) for at, (name, _) in enumerate(shares)),
        y_ticks=y.ticks(),
        bars=tuple(
            Bar(
                round(x(at + 0.5) - width / 2, 1),
                y(100 * share),
                width,
                round(bottom - y(100 * share), 1),
                "plain",
                f"{name}: {percent(share)}",
            )
            for at, (name, share) in enumerate(shares)
        ),
        csv_href=visit.here(chart="contributions"),
    )


def short_name(name: str) -> str:
    return name if len(name) <= LONGEST_NAME else f"{name[: LONGEST_NAME - 1]}\u2026"


def segments_table(one: Evaluated) -> Table | None:
    """None without columns of few texts."""
    segments = one.document["segments"]
    if not segments:
        return None
    return Table(
        id="segments",
        caption="Rows with one value of a column, the worst first",
        columns=(
            Column("Rows with"),
            Column("Rows", numeric=True),
            Column("Anomalies", numeric=True),
            Column("Flagged", numeric=True),
            Column("Precision", numeric=True),
            Column("Recall", numeric=True),
        ),
        rows=tuple(
            Row(
                f"segment-{at}",
                (
                    Text(f"{each['column']}: {'no value' if each['value'] is None else each['value']}"),
                    Number(f"{each['rows']:,}"),
                    Number(f"{each['anomalies']:,}"),
                    Number(f"{each['flagged']:,}"),
                    _share(each["precision"], "none flagged"),
                    _share(each["recall"], "no anomaly"),
                ),
            )
            for at, each in enumerate(segments)
        ),
    )


def counted_then(one: Evaluated) -> str:
    """What a moved threshold leaves as it was."""
    if not one.is_recut:
        return ""
    flagged = percent(one.document[MEASURED_AT])
    return f"Measured before the threshold was moved, as it flagged {flagged} of usual rows."


def _share(value: float | None, otherwise: str) -> Number:
    return Number(otherwise if value is None else percent(value), exact="" if value is None else str(value))
