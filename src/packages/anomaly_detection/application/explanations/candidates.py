"""Values to try in place of a row's own: those that usual rows have."""

from dataclasses import dataclass

import polars as pl

QUANTILES = 19
COMMONEST = 5
MOST_VALUES = 24
STEPS = 32  # tried between the last value that flags a row and the first that does not


def usual_values(usual: pl.Series, near: pl.Series) -> pl.Series:
    """Different values, ascending: quantiles of a number and the commonest of anything else; and those of near rows."""
    known = _known(usual)
    if known.dtype.is_numeric():
        ordered = known.sort()
        picked = ordered.gather([(len(ordered) - 1) * i // (QUANTILES + 1) for i in range(1, QUANTILES + 1)])
    else:
        counts = known.rename("value").value_counts(sort=True)
        picked = counts["value"].head(COMMONEST)
    return pl.concat([picked.rename("value"), _known(near).rename("value")]).unique().sort().head(MOST_VALUES)


def typical_value(usual: pl.Series) -> pl.Series:
    """One value: the median of numbers, the commonest of anything else; missing where all are."""
    known = _known(usual)
    if not len(known):
        return usual.head(1)
    if known.dtype.is_numeric():
        return known.sort().gather([len(known) // 2])
    return known.rename("value").value_counts(sort=True)["value"].head(1)


def steps_between(inner: float, outer: float, dtype: pl.DataType) -> pl.Series:
    """Short numbers strictly between the two, from ``inner`` on."""
    parts = [inner + (outer - inner) * i / (STEPS + 1) for i in range(1, STEPS + 1)]
    short = [float(f"{part:.3g}") for part in parts]
    short = [round(value) for value in short] if dtype.is_integer() else short
    low, high = min(inner, outer), max(inner, outer)
    return pl.Series("value", list(dict.fromkeys(v for v in short if low < v < high)), dtype=dtype)


@dataclass(frozen=True, slots=True)
class Variants:
    """Copies of a row with other values in some columns."""

    row: pl.DataFrame

    def of_column(self, column: str, values: pl.Series) -> pl.DataFrame:
        return self._copies(len(values)).with_columns(values.alias(column))

    def of_columns(self, columns: tuple[str, ...], donors: pl.DataFrame) -> pl.DataFrame:
        """One for each donor, whose values it has."""
        return self._copies(len(donors)).with_columns(donors[column] for column in columns)

    def _copies(self, count: int) -> pl.DataFrame:
        return self.row[[0] * count]


def _known(values: pl.Series) -> pl.Series:
    known = values.drop_nulls()
    return known.drop_nans() if known.dtype.is_float() else known
