"""From values to places on a drawing, and the ticks between."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

NICE = (1, 2, 2.5, 5, 10)  # steps of ticks, in powers of ten
MOST_TICKS = 6


@dataclass(frozen=True, slots=True)
class Tick:
    at: float  # place on the drawing, in units of the view box
    value: float
    text: str


@dataclass(frozen=True, slots=True)
class Scale:
    """Values ``low`` to ``high`` on places ``start`` to ``end``; ``logarithmic`` takes values of 0 for 0.5."""

    low: float
    high: float
    start: float
    end: float
    logarithmic: bool = False

    @classmethod
    def of(cls, values: Sequence[float], start: float, end: float, *, from_zero: bool = False) -> Self:
        """Wide enough for the finite values; never of width 0."""
        finite = [v for v in values if math.isfinite(v)] or [0.0]
        low, high = min(finite), max(finite)
        if from_zero:
            low, high = min(low, 0.0), max(high, 0.0)
        if low == high:
            low, high = (0.0, high) if high > 0 else (low - 1, high + 1)
        return cls(low, high, start, end)

    def __call__(self, value: float) -> float:
        """The place, to a tenth of a unit; values beyond the ends lie on them."""
        low, high, value = self._linear(self.low), self._linear(self.high), self._linear(value)
        share = min(max((value - low) / (high - low), 0.0), 1.0)
        return round(self.start + share * (self.end - self.start), 1)

    def ticks(self) -> tuple[Tick, ...]:
        """At most six, at round values within the scale."""
        values = self._powers() if self.logarithmic else self._round_values()
        return tuple(Tick(self(v), v, short(v)) for v in values)

    def _linear(self, value: float) -> float:
        return math.log10(max(value, 0.5)) if self.logarithmic else value

    def _round_values(self) -> list[float]:
        rough = (self.high - self.low) / (MOST_TICKS - 1)
        power = 10.0 ** math.floor(math.log10(rough))
        step = next(n * power for n in NICE if n * power >= rough * (1 - 1e-9))
        first, last = math.ceil(self.low / step - 1e-9), math.floor(self.high / step + 1e-9)
        return [n * step for n in range(first, last + 1)]

    def _powers(self) -> list[float]:
        last = max(0, math.floor(math.log10(max(self.high, 1))))
        every = max(1, math.ceil((last + 1) / MOST_TICKS))
        return [10.0**n for n in range(0, last + 1, every)]


def short(value: float) -> str:
    """Three significant digits and a suffix: 1.2k, 3.4M, 0.02."""
    size = abs(value)
    for limit, suffix in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if size >= limit:
            return f"{value / limit:.3g}{suffix}"
    if size and size < 1e-4:
        return f"{value:.1e}"
    return f"{value:.3g}"
