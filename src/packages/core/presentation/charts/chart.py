"""A drawing as the chart macro takes it: shapes with places, and the table that says the same."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from core.presentation.charts.scale import Scale, Tick, short

WIDTH, HEIGHT = 640, 220  # of the view box; the figure scales with its column
MOST_LETTERS = 40  # along the x axis, as large as a narrow screen needs them
LEFT, RIGHT, TOP, BOTTOM = 48, 12, 10, 34  # margins within it


@dataclass(frozen=True, slots=True)
class Bar:
    x: float
    y: float
    width: float
    height: float
    kind: str  # CSS class: what it means, never how it looks
    label: str
    href: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """``d`` is the path's data; ``dash`` 0 to 3 tells lines apart without colour."""

    d: str
    kind: str
    label: str = ""
    dash: int = 0


@dataclass(frozen=True, slots=True)
class Area:
    d: str
    kind: str
    label: str = ""


@dataclass(frozen=True, slots=True)
class Marker:
    """``severity`` 0 to 4 chooses shape and colour."""

    x: float
    y: float
    severity: int
    label: str
    href: str = ""


@dataclass(frozen=True, slots=True)
class Rule:
    """A straight mark across the plot, such as a threshold."""

    x1: float
    y1: float
    x2: float
    y2: float
    kind: str
    label: str


@dataclass(frozen=True, slots=True)
class TableTwin:
    """What the drawing shows, for those who read: one row for each of its points. ``hrefs`` are where rows lead to,
    ``exact`` the rows with all digits."""

    headers: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    hrefs: tuple[str, ...] = ()
    exact: tuple[tuple[object, ...], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """``id`` is unique on its page; ``title`` asks, ``answer`` answers."""

    id: str
    title: str
    answer: str
    twin: TableTwin
    x_label: str
    y_label: str
    x_ticks: tuple[Tick, ...] = ()
    y_ticks: tuple[Tick, ...] = ()
    areas: tuple[Area, ...] = ()
    bars: tuple[Bar, ...] = ()
    lines: tuple[Line, ...] = ()
    rules: tuple[Rule, ...] = ()
    markers: tuple[Marker, ...] = ()
    csv_href: str = ""
    places: tuple[float, ...] = ()  # of the table's rows, on the x axis of the drawing
    downsampled_from: int = 0  # points before thinning; 0: all are drawn
    width: int = WIDTH
    height: int = HEIGHT

    @property
    def points(self) -> int:
        return len(self.twin.rows)

    @property
    def is_crowded(self) -> bool:
        """Its ticks have no room on a narrow screen, where the drawing scrolls instead."""
        return sum(len(tick.text) for tick in self.x_ticks) > MOST_LETTERS

    @property
    def has_links(self) -> bool:
        """An image has no parts that can be followed."""
        return any(bar.href for bar in self.bars) or any(marker.href for marker in self.markers)


@dataclass(frozen=True, slots=True)
class Plot:
    """The inside of the margins."""

    width: int = WIDTH
    height: int = HEIGHT

    @property
    def across(self) -> tuple[float, float]:
        return LEFT, self.width - RIGHT

    @property
    def up(self) -> tuple[float, float]:
        """From the bottom to the top: larger values are higher, smaller in y."""
        return self.height - BOTTOM, TOP

    def upright(self, x: float, kind: str, label: str) -> Rule:
        return Rule(x, self.up[0], x, self.up[1], kind, label)

    def level(self, y: float, kind: str, label: str) -> Rule:
        return Rule(self.across[0], y, self.across[1], y, kind, label)


def path(points: Sequence[tuple[float, float] | None]) -> str:
    """Path data through the points; None breaks the line."""
    parts, pen_up = [], True
    for point in points:
        if point is None:
            pen_up = True
            continue
        parts.append(f"{'M' if pen_up else 'L'}{point[0]:g} {point[1]:g}")
        pen_up = False
    return "".join(parts)


def step_path(points: Sequence[tuple[float, float]]) -> str:
    """Path data that keeps each y until the next x."""
    if not points:
        return ""
    first, *rest = points
    return f"M{first[0]:g} {first[1]:g}" + "".join(f"H{x:g}V{y:g}" for x, y in rest)


def step_back_path(points: Sequence[tuple[float, float]]) -> str:
    """Path data that has each y from the x before on."""
    if not points:
        return ""
    first, *rest = points
    return f"M{first[0]:g} {first[1]:g}" + "".join(f"V{y:g}H{x:g}" for x, y in rest)


@dataclass(frozen=True, slots=True, kw_only=True)
class Histogram:
    """Counts between edges. ``kinds`` gives each bar's meaning, ``threshold`` a value to mark. ``names`` are the bars' where
    the edges are not the values themselves; ``before`` are other counts, called ``before_label``, drawn over them."""

    id: str
    title: str
    answer: str
    edges: Sequence[float]
    counts: Sequence[int]
    x_label: str
    y_label: str = "rows"
    kinds: Sequence[str] = ()
    names: Sequence[str] = ()
    before: Sequence[float] = ()
    before_label: str = ""
    logarithmic: bool = False
    threshold: float | None = None
    csv_href: str = ""
    plot: Plot = field(default_factory=Plot)

    def chart(self) -> Chart:
        bottom, top = self.plot.up
        x = Scale(self.edges[0], self.edges[-1], *self.plot.across)
        most = max(*self.counts, *self.before, 1)
        y = Scale(0, most, bottom, top, self.logarithmic)
        names = self.names or [
            f"{short(a)} to {short(b)}" for a, b in zip(self.edges, self.edges[1:], strict=False)
        ]
        kinds = self.kinds or ["plain"] * len(self.counts)
        bars = [
            Bar(
                x(a),
                y(n),
                max(round(x(b) - x(a) - 1, 1), 0.5),
                round(bottom - y(n), 1),
                kind,
                f"{name}: {n:,} {self.y_label}",
            )
            for a, b, n, kind, name in zip(
                self.edges, self.edges[1:], self.counts, kinds, names, strict=False
            )
            if n
        ]
        rules: tuple[Rule, ...] = ()
        if self.threshold is not None:
            rules = (self.plot.upright(x(self.threshold), "threshold", f"threshold {short(self.threshold)}"),)
        return Chart(
            id=self.id,
            title=self.title,
            answer=self.answer,
            twin=self._twin(names),
            x_label=self.x_label,
            y_label=self.y_label,
            x_ticks=x.ticks(),
            y_ticks=y.ticks(),
            bars=tuple(bars),
            lines=(self._line(x, y),) if self.before else (),
            rules=rules,
            places=tuple(
                round((x(a) + x(b)) / 2, 1) for a, b in zip(self.edges, self.edges[1:], strict=False)
            ),
            csv_href=self.csv_href,
            width=self.plot.width,
            height=self.plot.height,
        )

    def _twin(self, names: Sequence[str]) -> TableTwin:
        spans = [f"{a} to {b}" for a, b in zip(self.edges, self.edges[1:], strict=False)]
        headers, exact = (
            (self.x_label, self.y_label),
            list(zip(self.names or spans, self.counts, strict=True)),
        )
        rows = [(name, f"{n:,}") for name, n in zip(names, self.counts, strict=True)]
        if not self.before:
            return TableTwin(headers, tuple(rows), exact=tuple(exact))
        return TableTwin(
            (*headers, self.before_label),
            tuple((*row, f"{n:,.0f}") for row, n in zip(rows, self.before, strict=True)),
            exact=tuple((*row, n) for row, n in zip(exact, self.before, strict=True)),
        )

    def _line(self, x: Scale, y: Scale) -> Line:
        points = [(x(edge), y(n)) for edge, n in zip(self.edges, self.before, strict=False)]
        return Line(step_path([*points, (x(self.edges[-1]), points[-1][1])]), "before", self.before_label)
