"""Lines: precision over recall, cost over threshold, values over time."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from math import isnan

import numpy as np
from numpy.typing import NDArray

from core.presentation.charts.chart import (
    Area,
    Chart,
    Line,
    Marker,
    Plot,
    Rule,
    TableTwin,
    path,
    step_back_path,
    step_path,
)
from core.presentation.charts.scale import Scale, Tick, short
from core.presentation.charts.thinning import thinned


@dataclass(frozen=True, slots=True)
class Curve:
    """Points by ascending x; ``low`` and ``high`` are the edges of its band where there is one."""

    name: str
    x: Sequence[float]
    y: Sequence[float]
    low: Sequence[float] = ()
    high: Sequence[float] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CurveChart:
    """Up to four curves on common axes; of more than one the table has a column each, at the first one's x."""

    id: str
    title: str
    answer: str
    curves: Sequence[Curve]
    x_label: str
    y_label: str
    x_range: tuple[float, float] | None = None
    y_range: tuple[float, float] | None = None
    steps: bool = False
    steps_back: bool = False  # each y holds from the x before on, as precision over recall does
    level: tuple[float, str] | None = None  # a horizontal mark: its value and its name
    chosen: tuple[float, float, str] | None = None  # a point to mark: x, y, what it is
    marks: Sequence[tuple[float, str]] = ()  # values of x to mark, with their names
    csv_href: str = ""
    plot: Plot = field(default_factory=Plot)

    def chart(self) -> Chart:
        x, y = self._scales()
        draw = step_back_path if self.steps_back else step_path if self.steps else path
        lines, areas = [], []
        for number, curve in enumerate(self.curves):
            points = [(x(a), y(b)) for a, b in zip(curve.x, curve.y, strict=True)]
            lines.append(Line(draw(points), f"series-{number + 1}", curve.name, number))
            if curve.low:
                ahead = [(x(a), y(b)) for a, b in zip(curve.x, curve.high, strict=True)]
                back = [(x(a), y(b)) for a, b in zip(curve.x, curve.low, strict=True)][::-1]
                areas.append(Area(path([*ahead, *back]) + "Z", "band", f"{curve.name}: band"))
        rules: list[Rule] = [self.plot.level(y(self.level[0]), "level", self.level[1])] if self.level else []
        rules += self._marks(x)
        chosen = self.chosen
        markers = (Marker(x(chosen[0]), y(chosen[1]), 0, chosen[2]),) if chosen else ()
        return Chart(
            id=self.id,
            title=self.title,
            answer=self.answer,
            twin=self._twin(),
            x_label=self.x_label,
            y_label=self.y_label,
            x_ticks=x.ticks(),
            y_ticks=y.ticks(),
            areas=tuple(areas),
            lines=tuple(lines),
            rules=tuple(rules),
            markers=markers,
            places=tuple(x(v) for v in self.curves[0].x) if self.curves else (),
            csv_href=self.csv_href,
        )

    def _marks(self, x: Scale) -> list[Rule]:
        """One lower than the other, so that their names do not meet."""
        bottom, top = self.plot.up
        return [
            Rule(x(value), bottom, x(value), top + 14 * number, "threshold", name)
            for number, (value, name) in enumerate(self.marks)
        ]

    def _scales(self) -> tuple[Scale, Scale]:
        all_x = [v for curve in self.curves for v in curve.x]
        all_y = [v for curve in self.curves for v in (*curve.y, *curve.low, *curve.high)]
        across, up = self.plot.across, self.plot.up
        return (
            Scale(*self.x_range, *across) if self.x_range else Scale.of(all_x, *across),
            Scale(*self.y_range, *up) if self.y_range else Scale.of(all_y, *up),
        )

    def _twin(self) -> TableTwin:
        first = self.curves[0] if self.curves else Curve("", (), ())
        others = [np.interp(first.x, curve.x, curve.y) for curve in self.curves[1:]]
        exact = [
            (float(x), float(y), *(float(other[i]) for other in others))
            for i, (x, y) in enumerate(zip(first.x, first.y, strict=True))
        ]
        return TableTwin(
            (self.x_label, *(curve.name or self.y_label for curve in self.curves)),
            tuple(tuple(map(short, row)) for row in exact),
            exact=tuple(exact),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class SeriesChart:
    """A long series of values with its anomalies, thinned to what can be seen.

    ``severity`` (n_points,) holds 0 for usual points and 2 to 4 for flagged ones, which are always drawn.
    ``x_ticks`` are (value, text) of round times, which the caller knows.
    """

    id: str
    title: str
    answer: str
    x: NDArray[np.float64]
    y: NDArray[np.float64]
    severity: NDArray[np.int64]
    x_names: Sequence[str] | None = None
    x_marks: Sequence[tuple[float, str]] = ()
    x_label: str = "time"
    y_label: str = "value"
    csv_href: str = ""
    plot: Plot = field(default_factory=Plot)

    def chart(self) -> Chart:
        kept = thinned(self.x, self.y, keep=self.severity > 0)
        x = Scale.of([float(self.x[0]), float(self.x[-1])], *self.plot.across)
        values = self.y[kept].tolist()
        y = Scale.of(values, *self.plot.up)
        places = [x(v) for v in self.x[kept].tolist()]
        points = [None if isnan(v) else (at, y(v)) for at, v in zip(places, values, strict=True)]
        markers = [
            Marker(*point, int(level), f"{self._name(i)}: {short(value)}")
            for i, point, level, value in zip(
                kept.tolist(), points, self.severity[kept].tolist(), values, strict=True
            )
            if level and point
        ]
        return Chart(
            id=self.id,
            title=self.title,
            answer=self.answer,
            twin=TableTwin(
                (self.x_label, self.y_label),
                tuple((self._name(i), short(v)) for i, v in zip(kept.tolist(), values, strict=True)),
                exact=tuple((self._name(i), v) for i, v in zip(kept.tolist(), values, strict=True)),
            ),
            x_label=self.x_label,
            y_label=self.y_label,
            x_ticks=tuple(Tick(x(v), v, text) for v, text in self.x_marks) or x.ticks(),
            y_ticks=y.ticks(),
            lines=(Line(path(points), "actual"),),
            markers=tuple(markers),
            places=tuple(places),
            csv_href=self.csv_href,
            downsampled_from=len(self.x) if len(kept) < len(self.x) else 0,
        )

    def _name(self, i: int) -> str:
        return self.x_names[i] if self.x_names is not None else short(float(self.x[i]))
