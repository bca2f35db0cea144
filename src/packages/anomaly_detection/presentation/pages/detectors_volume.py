"""How many rows a detector flagged, run by run."""

from collections.abc import Sequence

from anomaly_detection.application.runs.ports import RunView
from core.domain.wording import between, count
from core.presentation.charts.chart import Bar, Chart, Plot, TableTwin
from core.presentation.charts.scale import Scale, Tick
from core.presentation.visit import Visit

FILLED = 0.8  # share of a run's place that its bar takes
WIDEST = 48.0  # of a bar, in units of the view box
TICKS = 4


def volume_chart(visit: Visit, newest_first: Sequence[RunView], *, csv_href: str) -> Chart | None:
    """A bar for each finished run, the newest on the right. None without any."""
    runs = [each for each in reversed(newest_first) if each.anomalies is not None]
    if not runs:
        return None
    plot = Plot()
    bottom, _ = plot.up
    x = Scale(0, len(runs), *plot.across)
    y = Scale.of([float(each.anomalies or 0) for each in runs], *plot.up, from_zero=True)
    width = round(min(FILLED * (x(1) - x(0)), WIDEST), 1)
    names = [visit.moment(each.created_at).shown for each in runs]
    every = max(1, -(-len(runs) // TICKS))
    return Chart(
        id="volume",
        title="How many rows does it flag?",
        answer=_answer(runs),
        twin=TableTwin(
            ("Run of", "Anomalies", "Rows"),
            tuple(
                (name, f"{each.anomalies:,}", f"{each.rows or 0:,}")
                for name, each in zip(names, runs, strict=True)
            ),
        ),
        x_label="run",
        y_label="rows flagged",
        x_ticks=tuple(Tick(x(i + 0.5), i, names[i].rsplit(" ", 2)[0]) for i in range(0, len(runs), every)),
        y_ticks=y.ticks(),
        bars=tuple(
            Bar(
                round(x(i + 0.5) - width / 2, 1),
                y(each.anomalies or 0),
                width,
                round(bottom - y(each.anomalies or 0), 1),
                "plain",
                f"{name}: {each.anomalies:,} of {count(each.rows or 0, 'row')}",
            )
            for i, (name, each) in enumerate(zip(names, runs, strict=True))
        ),
        csv_href=csv_href,
    )


def _answer(runs: Sequence[RunView]) -> str:
    found = sorted(each.anomalies or 0 for each in runs)
    last = f"{count(runs[-1].anomalies or 0, 'row')} of {runs[-1].rows or 0:,} in the last run"
    if len(found) == 1:
        return f"{last}."
    return f"{last}; {between(f'{found[0]:,}', f'{found[-1]:,}')} in each of {len(found):,} runs."
