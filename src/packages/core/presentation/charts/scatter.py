"""Points of a plane, of which some are marked."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from core.presentation.charts.chart import Chart, Line, Marker, Plot, TableTwin
from core.presentation.charts.scale import Scale, short


@dataclass(frozen=True, slots=True)
class Mark:
    """``severity`` 0 to 4 chooses its shape, ``name`` says what it is, ``href`` leads to it."""

    x: float
    y: float
    severity: int
    name: str
    href: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ScatterChart:
    """``dots`` (n_dots, 2) are what the ``marks`` lie among: drawn alike, in one stroke. The table has the marks."""

    id: str
    title: str
    answer: str
    dots: NDArray[np.float64]
    marks: Sequence[Mark]
    x_label: str
    y_label: str
    mark_label: str
    csv_href: str = ""
    downsampled_from: int = 0  # points before sampling; 0: all are drawn
    plot: Plot = field(default_factory=Plot)

    def chart(self) -> Chart:
        places = [*self.dots.tolist(), *((mark.x, mark.y) for mark in self.marks)]
        x = Scale.of([place[0] for place in places], *self.plot.across)
        y = Scale.of([place[1] for place in places], *self.plot.up)
        stroke = "".join(f"M{x(a):g} {y(b):g}h0" for a, b in self.dots.tolist())
        worst_last = sorted(self.marks, key=lambda mark: mark.severity)
        return Chart(
            id=self.id,
            title=self.title,
            answer=self.answer,
            twin=TableTwin(
                (self.mark_label, self.x_label, self.y_label),
                tuple((mark.name, short(mark.x), short(mark.y)) for mark in self.marks),
                hrefs=tuple(mark.href for mark in self.marks)
                if all(mark.href for mark in self.marks)
                else (),
                exact=tuple((mark.name, mark.x, mark.y) for mark in self.marks),
            ),
            x_label=self.x_label,
            y_label=self.y_label,
            x_ticks=x.ticks(),
            y_ticks=y.ticks(),
            lines=(Line(stroke, "dots"),) if stroke else (),
            markers=tuple(
                Marker(x(mark.x), y(mark.y), mark.severity, mark.name, mark.href) for mark in worst_last
            ),
            csv_href=self.csv_href,
            downsampled_from=self.downsampled_from,
            width=self.plot.width,
            height=self.plot.height,
        )
