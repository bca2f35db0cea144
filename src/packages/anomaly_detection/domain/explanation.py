"""Why a row scores as it does, in columns, numbers and one sentence."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import isfinite, isnan

import numpy as np

from anomaly_detection.domain.severity import Severity
from data_platform.api import Observed, Usual, UsualNumbers

NAMED = 3  # columns that a sentence names at most
NEGLIGIBLE = 0.1  # of the largest contribution: a column below it is not worth a word
RARE = 0.05  # share of rows below which a category is called so
AT_THE_END = 0.15  # of the usual range
FAR = 1.0  # widths of the usual range beyond its end


@dataclass(frozen=True, slots=True)
class Contribution:
    """What one column adds to a row's raw score (negative: it makes the row look usual)."""

    column: str
    contribution: float
    value: Observed
    usual: Usual
    material: bool = True  # it is at least a tenth of the row's largest contribution

    @property
    def words(self) -> str:
        """The value beside what is usual: ``amount 9,820 is far above its usual 40-310``."""
        if not self.material:
            return f"{self.column} is nothing unusual here"
        if isinstance(self.usual, UsualNumbers):
            return self._number_words(self.usual)
        if self.value is None:
            return f"{self.column} is missing ({percent(self.usual.missing_share)})"
        share = self.usual.shares.get(str(self.value))
        if share is None and self.usual.rest == 0:
            return f"{self.column} {str(self.value)!r} was not seen in training"
        share = self.usual.rest if share is None else share
        rarity = "is rare" if share < RARE else "adds to it beside the other columns"
        return f"{self.column} {str(self.value)!r} {rarity} ({percent(share)})"

    def _number_words(self, usual: UsualNumbers) -> str:
        if self.value is None or isinstance(self.value, str) or isnan(self.value):
            return f"{self.column} is missing ({percent(usual.missing_share)})"
        value, low, high = float(self.value), usual.low, usual.high
        shown, least, most = told_apart(value, low, high)
        between = f"{least}-{most}" if low >= 0 else f"{least} to {most}"
        here = f"{self.column} {shown} is"
        if low <= value <= high:
            return f"{self.column} {shown} {self._place(value, low, high)} its usual {between}"
        side = "above" if value > high else "below"
        excess = value - high if value > high else low - value
        far = "far " if excess > FAR * (high - low) else ""
        return f"{here} {far}{side} its usual {between if low < high else least}"

    @staticmethod
    def _place(value: float, low: float, high: float) -> str:
        end = AT_THE_END * (high - low)
        if value > high - end:
            return "is at the upper end of"
        return "is at the lower end of" if value < low + end else "adds to it, though within"


@dataclass(frozen=True, slots=True)
class Explanation:
    """One scored row. ``contributions`` are per column, the largest first."""

    row: int  # 0-based, in the table that was scored
    score: float  # calibrated, [0, 1]
    raw_score: float
    is_anomaly: bool
    severity: Severity
    contributions: tuple[Contribution, ...]

    @property
    def sentence(self) -> str:
        """The columns that made the score, with numbers; says so where none stands out."""
        return sentence(self.contributions)


def sentence(contributions: Sequence[Contribution]) -> str:
    """Words for the up to three largest contributions, the largest first."""
    largest = contributions[0].contribution if contributions else 0.0
    if largest <= 0:
        return "no single column stands out"
    said = [c.words for c in contributions[:NAMED] if c.material]
    return "; ".join(said)


def ranked(
    columns: Sequence[str],
    contributions: Sequence[float],
    *,
    observed: Mapping[str, Observed],
    usual: Mapping[str, Usual],
) -> tuple[Contribution, ...]:
    """One ``Contribution`` per column, the largest first; equal ones in column order."""
    order = np.argsort(-np.asarray(contributions), kind="stable")
    least = NEGLIGIBLE * max(contributions, default=0.0)
    return tuple(
        Contribution(
            columns[i],
            float(contributions[i]),
            observed[columns[i]],
            usual[columns[i]],
            material=0 < contributions[i] >= least,
        )
        for i in order
    )


def number(value: float) -> str:
    """Four significant digits with thousands separated: 9,820, 0.0123, 1.2e+09."""
    if not isfinite(value):
        return str(value)
    if value == int(value) and abs(value) < 1e9:
        return f"{int(value):,}"
    size = abs(value)
    if size >= 1e9 or size < 1e-4:
        return f"{value:.3g}"
    if size >= 1_000:
        return f"{value:,.0f}"
    return f"{value:.4g}"


def told_apart(*values: float) -> list[str]:
    """Numbers as ``number`` writes them, with more digits where two different ones would look alike."""
    texts = [number(value) for value in values]
    return texts if len(set(texts)) == len(set(values)) else [f"{value:,.15g}" for value in values]


def percent(share: float) -> str:
    """A share in [0, 1] as a percentage of two significant digits: 0.02 %."""
    return f"{100 * share:.2g} %" if share < 0.995 else "100 %"
