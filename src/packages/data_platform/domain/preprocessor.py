"""From the rows of a table to the numbers that detectors see: learned once, the same in training and in use."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from operator import itemgetter
from typing import Any, Self

import numpy as np
import polars as pl
from numpy.typing import NDArray
from polars.exceptions import ColumnNotFoundError

from core.domain.suggestion import nearest
from core.domain.wording import listed
from data_platform.domain.features import Feature, Observed, Usual
from data_platform.domain.preparation.calendar import CalendarColumn
from data_platform.domain.preparation.categorical import CategoryColumn
from data_platform.domain.preparation.choices import resolved
from data_platform.domain.preparation.decisions import decided, fitted_calendars
from data_platform.domain.preparation.looks import EXACT
from data_platform.domain.preparation.numeric import NumberColumns
from data_platform.domain.preparation.roles import ColumnPlan, Encoding, plan_columns
from data_platform.domain.reading import WrongType
from data_platform.domain.schema import (
    ColumnChoices,
    Decision,
    Kind,
    MissingPolicy,
    NoUsableColumn,
    Role,
    SchemaMismatch,
)

Matrix = NDArray[np.float64]
PLAIN = frozenset({int, float, bool, type(None)})


@dataclass(frozen=True, eq=False)
class Preprocessor:
    """Fitted on a sample of a table; part of the model. ``decisions`` are about every column, in the table's order."""

    decisions: tuple[Decision, ...]
    missing: MissingPolicy
    numbers: NumberColumns
    categories: tuple[CategoryColumn, ...]
    calendars: tuple[CalendarColumn, ...]

    @classmethod
    def fit(cls, frame: pl.DataFrame, choices: ColumnChoices, *, one_hot: bool = False) -> Self:
        """Decide what each column is for and learn how to make numbers of it; text by rarity, or one-hot.

        Raises UnknownColumn, ConflictingRoles, InvalidLabel, NoUsableColumn.
        """
        choices = resolved(choices, frame.columns)
        plans = plan_columns(frame, choices)
        by_encoding: dict[Encoding | None, list[ColumnPlan]] = {}
        for plan in plans:
            by_encoding.setdefault(plan.encoding, []).append(plan)
        missing = choices.missing
        looks = [plan.look for plan in by_encoding.get(Encoding.NUMBER, ())]
        calendars = fitted_calendars(frame, plans, missing)
        fitted = cls(
            decisions=decided(plans, calendars, missing),
            missing=missing,
            numbers=NumberColumns.fit(frame, looks, missing=missing),
            categories=tuple(
                CategoryColumn.fit(frame[plan.column], one_hot=one_hot, missing=missing)
                for plan in by_encoding.get(Encoding.CATEGORY, ())
            ),
            calendars=tuple(calendar for calendar in calendars.values() if calendar.parts),
        )
        if not fitted.features:
            raise _no_usable_column(fitted.decisions)
        return fitted

    @cached_property
    def _groups(self) -> tuple[NumberColumns | CategoryColumn | CalendarColumn, ...]:
        return (*((self.numbers,) if self.numbers.columns else ()), *self.categories, *self.calendars)

    @cached_property
    def features(self) -> tuple[Feature, ...]:
        """The matrix's columns, in order."""
        return tuple(feature for group in self._groups for feature in group.features)

    @cached_property
    def sources(self) -> tuple[str, ...]:
        """The table's columns that ``transform`` needs."""
        return tuple(column for group in self._groups for column in group.columns)

    @cached_property
    def usual(self) -> Mapping[str, Usual]:
        """What training had, by ``Feature.source``."""
        return {source: usual for group in self._groups for source, usual in group.usual.items()}

    @cached_property
    def schema(self) -> Mapping[str, Kind]:
        """Every column of training, in its order."""
        return {decision.column: decision.kind for decision in self.decisions}

    @cached_property
    def id_column(self) -> str | None:
        """The column that names rows."""
        return next((decision.column for decision in self.decisions if decision.role is Role.ID), None)

    def transform(self, frame: pl.DataFrame) -> Matrix:
        """Shape (n_rows, n_features), finite and C-contiguous; columns are found by name, further ones do not matter.

        Raises SchemaMismatch, MissingRefused.
        """
        try:
            parts = [group.encoded(frame) for group in self._groups]
        except (WrongType, ColumnNotFoundError) as error:
            raise self._mismatch(frame) from error
        return np.ascontiguousarray(parts[0] if len(parts) == 1 else np.concatenate(parts, axis=1))

    def transform_array(self, values: Matrix) -> Matrix | None:
        """The quick way for an array of all columns of training in their order; may give ``values`` itself.

        None where it needs ``transform``: values missing or out of bounds, columns that are not numbers.
        """
        positions = self._positions
        if positions is None or values.shape[1] != len(self.decisions):
            return None
        if len(positions) < len(self.decisions):
            values = values[:, positions]
        return self.numbers.laid_out(values) if self.numbers.are_ready(values) else None

    @cached_property
    def number_columns(self) -> tuple[str, ...] | None:
        """What ``transform_numbers`` takes, in this order; None where it takes more to ``transform``."""
        return None if self.categories or self.calendars else self.numbers.columns

    def transform_numbers(self, values: Matrix) -> Matrix:
        """The quick way for an array of ``number_columns``, NaN where a value is missing. Raises MissingRefused."""
        return self.numbers.finite(values)

    def transform_rows(self, rows: Sequence[Mapping[str, Any]]) -> Matrix | None:
        """The quick way for few rows as mappings of JSON values.

        None where it needs ``transform`` on their frame, which gives the same: columns that are dates, absent in a row, or
        not of plain numbers and categories.
        """
        if self.calendars or (self.categories and self.missing is MissingPolicy.REFUSE):
            return None
        try:
            cells = list(map(self._cells, rows))
            texts = [_texts([row[each.column] for row in rows]) for each in self.categories]
            if not all(PLAIN.issuperset(map(type, row)) for row in cells):
                return None
            values = np.array(cells, dtype=np.float64).reshape(len(rows), len(self.numbers.columns))
        except (KeyError, OverflowError):
            return None
        parts = [self.numbers.finite(values)] if self.numbers.columns else []
        for each, found in zip(self.categories, texts, strict=True):
            if found is None:
                return None
            parts.append(each.encoded_texts(found))
        return np.ascontiguousarray(parts[0] if len(parts) == 1 else np.concatenate(parts, axis=1))

    @cached_property
    def _cells(self) -> Callable[[Mapping[str, Any]], Sequence[Any]]:
        columns = self.numbers.columns
        return itemgetter(*columns) if len(columns) > 1 else lambda row: [row[column] for column in columns]

    @cached_property
    def _positions(self) -> NDArray[np.intp] | None:
        if self.categories or self.calendars:
            return None
        position = {decision.column: i for i, decision in enumerate(self.decisions)}
        return np.array([position[column] for column in self.numbers.columns], dtype=np.intp)

    def observed(self, frame: pl.DataFrame) -> list[dict[str, Observed]]:
        """Per row the values to show beside ``usual``, by the same keys. Raises SchemaMismatch."""
        try:
            columns = {
                source: values for group in self._groups for source, values in group.observed(frame).items()
            }
        except (WrongType, ColumnNotFoundError) as error:
            raise self._mismatch(frame) from error
        return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]

    def drift(self, frame: pl.DataFrame) -> dict[str, float]:
        """How far each column has moved since training: its population stability index; dates are left out.

        Raises SchemaMismatch.
        """
        moved: dict[str, float] = {}
        try:
            for group in self._groups:
                moved |= group.drift(frame)
        except (WrongType, ColumnNotFoundError) as error:
            raise self._mismatch(frame) from error
        return moved

    def _mismatch(self, frame: pl.DataFrame) -> SchemaMismatch:
        absent = [column for column in self.sources if column not in frame.columns]
        extra = [column for column in frame.columns if column not in self.schema]
        wrong = self._wrongly_typed(frame)
        said = []
        if absent:
            said.append(f"missing: {listed([_with_nearest(column, extra) for column in absent])}")
        if wrong:
            said.append(
                f"of another type: {listed([f'{column!r} ({why})' for column, why in wrong.items()])}"
            )
        if absent and extra:
            said.append(f"unknown to the model: {listed(list(map(repr, extra)))}")
        return SchemaMismatch(
            f"The columns are not those the model was trained on; {'; '.join(said)}.",
            fix="Rename or convert the columns, or train a model on this table.",
            missing=tuple(absent),
            extra=tuple(extra),
            wrong=tuple(wrong),
        )

    def _wrongly_typed(self, frame: pl.DataFrame) -> dict[str, str]:
        wrong = {}
        for group in self._groups:
            for column in group.columns:
                if column in frame.columns:
                    try:
                        group.check(frame[column])
                    except WrongType as error:
                        wrong[column] = str(error)
        return wrong

    def state(self) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
        """JSON-able values, and arrays, that ``restore`` makes an equal preprocessor of."""
        numbers, arrays = self.numbers.state()
        values = {
            "decisions": [[d.column, d.kind.value, d.role.value, d.reason] for d in self.decisions],
            "missing": self.missing.value,
            "numbers": numbers,
            "categories": [category.state() for category in self.categories],
            "calendars": [calendar.state() for calendar in self.calendars],
        }
        return values, arrays

    @classmethod
    def restore(cls, values: Mapping[str, Any], arrays: Mapping[str, NDArray[Any]]) -> Self:
        """Raises KeyError, TypeError and ValueError on a state that does not fit."""
        missing = MissingPolicy(values["missing"])
        restored = cls(
            decisions=tuple(
                Decision(str(c), Kind(k), Role(r), str(why)) for c, k, r, why in values["decisions"]
            ),
            missing=missing,
            numbers=NumberColumns.restore(values["numbers"], arrays, missing=missing),
            categories=tuple(
                CategoryColumn.restore(state, missing=missing) for state in values["categories"]
            ),
            calendars=tuple(CalendarColumn.restore(state, missing=missing) for state in values["calendars"]),
        )
        if not restored.features or not set(restored.sources) <= set(restored.schema):
            raise ValueError("columns of the features and of the schema differ")
        return restored


def _texts(values: Sequence[Any]) -> list[str | None] | None:
    """Values as ``categories`` reads them; None where that is not plain from each one alone."""
    found: list[str | None] = []
    for value in values:
        if type(value) is str and value and value == value.strip():
            found.append(value)
        elif type(value) is int and abs(value) < EXACT:
            found.append(str(value))
        elif value is None:
            found.append(None)
        else:
            return None
    return found


def _no_usable_column(decisions: Sequence[Decision]) -> NoUsableColumn:
    reasons = [f"{decision.column!r}: {decision.reason}" for decision in decisions]
    return NoUsableColumn(
        f"No column can be used. {listed(reasons)}." if reasons else "The table has no columns.",
        fix="Give a table with numbers or categories that vary, or choose the columns yourself: features, categorical.",
    )


def _with_nearest(column: str, others: Sequence[str]) -> str:
    close = nearest(column, others, most=1)
    return f"{column!r} (nearest: {close[0]!r})" if close else repr(column)
