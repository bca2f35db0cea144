"""Columns that say which rows are anomalies."""

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from core.domain.errors import Invalid
from core.domain.wording import count
from data_platform.domain.reading import WrongType, categories, counted

LABEL_NAMES = ("label", "y", "class", "is_anomaly", "anomaly")  # the first that fits is taken
ANOMALOUS = frozenset(
    [
        "1",
        "true",
        "t",
        "yes",
        "y",
        "anomaly",
        "anomalous",
        "abnormal",
        "outlier",
        "attack",
        "fraud",
        "bad",
        "positive",
    ]
)
NORMAL = frozenset(["0", "false", "f", "no", "n", "normal", "inlier", "benign", "good", "ok", "negative"])


class InvalidLabel(Invalid):
    title = "The label column does not say which rows are anomalies"


@dataclass(frozen=True, slots=True)
class LabelColumn:
    """A column with two values; ``reason`` says why ``anomaly`` is the one that marks anomalies."""

    name: str
    anomaly: str
    normal: str
    reason: str

    def is_anomaly(self, frame: pl.DataFrame) -> NDArray[np.bool_]:
        """One claim per row. Raises InvalidLabel for a value that is neither."""
        values = categories(frame[self.name])
        known = values.is_in([self.anomaly, self.normal])
        if not known.all():
            odd = values.filter(~known.fill_null(False))[0]
            raise InvalidLabel(
                f"Label column {self.name!r} has {'rows without a value' if odd is None else f'a value {odd!r}'}.",
                fix=f"Every row must be {self.anomaly!r} or {self.normal!r}.",
            )
        return (values == self.anomaly).to_numpy()


@dataclass(slots=True)
class LabelCounts:
    """How often each value of a label column occurs, in as many batches as it takes."""

    name: str
    counts: dict[str, int]

    def add(self, series: pl.Series) -> None:
        """Raises InvalidLabel at the third value and for missing ones."""
        try:
            values = categories(series)
        except WrongType as error:
            raise InvalidLabel(
                f"Label column {self.name!r} holds {error}.", fix="Name another column."
            ) from error
        if values.null_count():
            raise InvalidLabel(
                f"Label column {self.name!r} has {values.null_count():,} rows without a value.",
                fix="Fill them in or leave those rows out.",
            )
        for value, n in counted(values).iter_rows():
            self.counts[value] = self.counts.get(value, 0) + n
        if len(self.counts) > 2:
            raise not_two_values(self.name, list(self.counts))

    def column(self) -> LabelColumn:
        """Raises InvalidLabel unless there are two values."""
        if len(self.counts) != 2:
            raise not_two_values(self.name, list(self.counts))
        first, second = sorted(self.counts, key=lambda value: (self.counts[value], value))
        for anomaly, normal in ((first, second), (second, first)):
            if anomaly.casefold() in ANOMALOUS and normal.casefold() not in ANOMALOUS:
                return LabelColumn(self.name, anomaly, normal, f"{anomaly!r} means anomaly")
            if normal.casefold() in NORMAL and anomaly.casefold() not in NORMAL:
                return LabelColumn(
                    self.name, anomaly, normal, f"{normal!r} means normal, so {anomaly!r} is the anomaly"
                )
        return LabelColumn(self.name, first, second, f"{first!r} is the rarer value, so taken as the anomaly")


def label_values(series: pl.Series) -> NDArray[np.bool_]:
    """Which rows of a label column are anomalies. Raises InvalidLabel unless it has two values in every row."""
    counts = LabelCounts(series.name, {})
    counts.add(series)
    return counts.column().is_anomaly(series.to_frame())


def repeats_label(label: pl.Series, other: pl.Series) -> bool:
    """Whether ``other`` has one value in all rows of the commoner label, and never in the others."""
    labels, values = categories(label), categories(other).fill_null("")
    counts = counted(labels)
    if len(counts) != 2:
        return False
    usual = labels == counts.to_series(0)[0]
    among_usual = values.filter(usual)
    return bool((among_usual == among_usual[0]).all()) and not bool(
        (values.filter(~usual) == among_usual[0]).any()
    )


def not_two_values(name: str, values: list[str]) -> InvalidLabel:
    some = ", ".join(map(repr, sorted(values)[:6])) + (", ..." if len(values) > 6 else "")
    n = len(values)
    return InvalidLabel(
        f"Label column {name!r} has {count(n, 'value')}{f': {some}' if n else ''}; it must have two.",
        fix="Name a column with two values, one for normal rows and one for anomalies.",
        column=name,
    )
