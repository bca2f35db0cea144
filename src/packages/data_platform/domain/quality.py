"""What is wrong, or worth knowing, about the values of a table."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass

import numpy as np
import polars as pl

from core.domain.wording import count, share
from data_platform.domain.drift import DRIFTED, FEWEST_ROWS
from data_platform.domain.findings import Check, Finding, Result, Weight
from data_platform.domain.preparation.looks import ColumnLook, look_at, look_at_categories
from data_platform.domain.preprocessor import Preprocessor
from data_platform.domain.reading import MISSING_WORDS, numbers, texts
from data_platform.domain.schema import Kind

MANY_MISSING = 0.05  # share of rows from which gaps are a warning
FAR = 3.0  # widths of p1-p99 beyond its ends, from which a value is out of range
MIXED = 0.01  # share of the rarer type from which a column is of mixed types


@dataclass(frozen=True, slots=True)
class DataQualityChecker:
    """Checks rows on their own, and for drift against the training rows of ``reference``. ``categorical`` are columns that
    somebody called categories."""

    reference: Preprocessor | None = None
    categorical: Collection[str] = ()

    def __call__(self, frame: pl.DataFrame) -> tuple[Finding, ...]:
        """Failures by check, then by column; one pass for each check without failure.

        Raises SchemaMismatch where the columns are not those of the reference.
        """
        looks = look_at(frame)
        looks |= {name: look_at_categories(frame[name], looks[name]) for name in self.categorical}
        findings: list[Finding] = []
        for check in Check:
            if check is Check.DRIFTED and self.reference is None:
                continue
            failed = list(self._failures(check, frame, looks))
            passed = Finding(check, None, Result.PASSED, 0, Weight.NOTE, f"{check.value}: nothing found")
            findings += failed or [passed]
        return tuple(findings)

    def _failures(self, check: Check, frame: pl.DataFrame, looks: dict[str, ColumnLook]) -> Iterator[Finding]:
        match check:
            case Check.MISSING:
                yield from map(_missing, (look for look in looks.values() if not look.always_present))
            case Check.DUPLICATE_ROWS:
                yield from _duplicates(frame, looks)
            case Check.CONSTANT:
                yield from map(
                    _constant, (look for look in looks.values() if look.constant and look.rows > 1)
                )
            case Check.MIXED_TYPE:
                yield from _mixed(frame, looks)
            case Check.OUT_OF_RANGE:
                yield from _out_of_range(frame, looks)
            case Check.DRIFTED:
                yield from self._drifted(frame)

    def _drifted(self, frame: pl.DataFrame) -> Iterator[Finding]:
        if self.reference is None or len(frame) < FEWEST_ROWS:
            return
        for column, index in self.reference.drift(frame).items():
            if index >= DRIFTED:
                sentence = (
                    f"{column}: its values have moved since training (population stability index {index:.2f}, "
                    f"from {DRIFTED:g} a shift)"
                )
                yield Finding(Check.DRIFTED, column, Result.FAILED, len(frame), Weight.WARNING, sentence)


def drifted_columns(reference: Preprocessor, frame: pl.DataFrame) -> dict[str, float]:
    """Columns whose population stability index against training is a shift, the largest first; none of few rows."""
    if len(frame) < FEWEST_ROWS:
        return {}
    moved = {column: index for column, index in reference.drift(frame).items() if index >= DRIFTED}
    return dict(sorted(moved.items(), key=lambda pair: -pair[1]))


def _missing(look: ColumnLook) -> Finding:
    n = look.rows - look.present
    weight = Weight.WARNING if n > MANY_MISSING * look.rows else Weight.NOTE
    verb = "has" if n == 1 else "have"
    sentence = f"{look.column}: {n:,} of {look.rows:,} rows {verb} no usable value ({share(n / look.rows)})"
    return Finding(Check.MISSING, look.column, Result.FAILED, n, weight, sentence)


def _constant(look: ColumnLook) -> Finding:
    sentence = f"{look.column}: {look.constant} in every row that has a value"
    return Finding(Check.CONSTANT, look.column, Result.FAILED, look.present, Weight.WARNING, sentence)


def _duplicates(frame: pl.DataFrame, looks: dict[str, ColumnLook]) -> Iterator[Finding]:
    """Nested columns are not compared."""
    comparable = [column for column, look in looks.items() if look.kind is not Kind.NESTED]
    if not comparable:
        return
    n = len(frame) - pl.DataFrame([frame[column] for column in comparable]).n_unique()
    if n:
        sentence = f"{n:,} of {len(frame):,} rows {'repeats' if n == 1 else 'repeat'} another row in every column ({share(n / len(frame))})"
        yield Finding(Check.DUPLICATE_ROWS, None, Result.FAILED, n, Weight.WARNING, sentence)


def _mixed(frame: pl.DataFrame, looks: dict[str, ColumnLook]) -> Iterator[Finding]:
    for column, look in looks.items():
        if not (look.lenient or look.kind in (Kind.TEXT, Kind.CATEGORY)):
            continue
        present = texts(frame[column]).drop_nulls()
        words = present.filter(~present.str.to_lowercase().is_in(MISSING_WORDS))
        odd = words.filter(words.cast(pl.Float64, strict=False).is_null())
        fewer = min(len(odd), len(words) - len(odd))
        if fewer and (look.lenient or fewer >= MIXED * len(words)):
            sentence = f"{column}: {count(len(words) - len(odd), 'number')} and {count(len(odd), 'text')} (first: {odd[0][:30]!r}) together"
            yield Finding(Check.MIXED_TYPE, column, Result.FAILED, fewer, Weight.WARNING, sentence)


def _out_of_range(frame: pl.DataFrame, looks: dict[str, ColumnLook]) -> Iterator[Finding]:
    for column, look in looks.items():
        if look.kind is not Kind.NUMERIC or look.constant is not None:
            continue
        values = numbers(frame[column], lenient=look.lenient).to_numpy()
        values = values[np.isfinite(values)]
        low, high = map(float, np.quantile(values, [0.01, 0.99], method="inverted_cdf"))
        beyond = FAR * (high - low)
        out = (
            values[(values < low - beyond) | (values > high + beyond)] if 0 < beyond < np.inf else values[:0]
        )
        if len(out):
            furthest = out[np.abs(out / 2 - (low / 4 + high / 4)).argmax()]
            sentence = (
                f"{column}: {count(len(out), 'value')} far outside of {low:.6g} to {high:.6g}, "
                f"where 98 % lie (furthest: {furthest:.6g})"
            )
            yield Finding(Check.OUT_OF_RANGE, column, Result.FAILED, len(out), Weight.WARNING, sentence)
