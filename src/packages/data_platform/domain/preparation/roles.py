"""What each column is for: the caller's choices first, otherwise found from names and values."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum

import polars as pl

from data_platform.domain.labels import LABEL_NAMES, not_two_values, repeats_label
from data_platform.domain.preparation.identifiers import (
    identifying_integers,
    identifying_text,
    is_whole,
    named_like_identifier,
)
from data_platform.domain.preparation.looks import FEW_VALUES, MOST_CATEGORIES, ColumnLook, look_at
from data_platform.domain.reading import WrongType, categories, numbers, texts, times
from data_platform.domain.schema import ColumnChoices, Kind, MissingPolicy, Role


class Encoding(StrEnum):
    """What a feature column becomes."""

    NUMBER = "number"
    CATEGORY = "category"
    CALENDAR = "calendar"


# What a detection adds to the rows of its output: where all are there, the table is one.
RESULTS = frozenset(["score", "raw_score", "is_anomaly", "severity", "reason", "contributions"])


@dataclass(frozen=True, slots=True)
class ColumnPlan:
    """A decision, and how the column is read where it becomes features."""

    look: ColumnLook
    kind: Kind
    role: Role
    reason: str
    encoding: Encoding | None = None

    @property
    def column(self) -> str:
        return self.look.column


def plan_columns(frame: pl.DataFrame, choices: ColumnChoices) -> tuple[ColumnPlan, ...]:
    """One plan per column, in order. ``choices`` name columns of the frame. Raises InvalidLabel."""
    looks = look_at(frame)
    chosen = {name: plan for name, look in looks.items() if (plan := _as_chosen(frame[name], look, choices))}
    chosen = {name: _result(looks[name]) for name in RESULTS if looks.keys() >= RESULTS} | chosen
    label = None if choices.label else _inferred_label(frame, [name for name in looks if name not in chosen])
    plans = []
    for name, look in looks.items():
        plan = chosen.get(name) or (label if label and label.column == name else _inferred(frame[name], look))
        plans.append(_allowed(plan, choices))
    label_column = next((plan.column for plan in plans if plan.role is Role.LABEL), None)
    if label_column is not None:
        labels = frame[label_column]
        plans = [p if p.column in chosen else _unless_label_again(p, frame[p.column], labels) for p in plans]
    return tuple(_one_of_each(plans, choices))


def _result(look: ColumnLook) -> ColumnPlan:
    return ColumnPlan(look, look.kind, Role.IGNORED, "a result of an earlier detection")


def _unless_label_again(plan: ColumnPlan, series: pl.Series, labels: pl.Series) -> ColumnPlan:
    """Ignores what would give the label away, such as a column with the kind of attack."""
    few_values = plan.encoding is Encoding.CATEGORY or plan.kind is Kind.BOOLEAN
    if plan.role is not Role.FEATURE or not few_values or not repeats_label(labels, series):
        return plan
    return ColumnPlan(
        plan.look, plan.kind, Role.IGNORED, f"says the same as the label {labels.name!r}: no feature"
    )


def _allowed(plan: ColumnPlan, choices: ColumnChoices) -> ColumnPlan:
    """The plan, as far as the chosen features and the policy for gaps leave it a feature."""
    look = plan.look
    if plan.encoding and choices.features is not None and look.column not in choices.features:
        if plan.role is Role.TIME:
            return replace(plan, encoding=None)
        return ColumnPlan(look, plan.kind, Role.IGNORED, "not among the features you chose")
    if plan.encoding and look.constant is not None and choices.missing is not MissingPolicy.INDICATOR:
        return ColumnPlan(look, plan.kind, Role.IGNORED, f"{look.constant} in every row that has a value")
    return plan


def _as_chosen(series: pl.Series, look: ColumnLook, choices: ColumnChoices) -> ColumnPlan | None:
    """None where the caller said nothing about the column."""
    name = look.column
    if name in choices.ignore:
        return ColumnPlan(look, look.kind, Role.IGNORED, "ignored, as you said")
    if name == choices.id:
        return ColumnPlan(look, look.kind, Role.ID, "the id, as you said")
    if name == choices.label:
        return _chosen_label(series, look)
    if name == choices.time:
        encoding = Encoding.CALENDAR if look.kind is Kind.DATETIME else None
        return ColumnPlan(look, look.kind, Role.TIME, "the time, as you said", encoding)
    if name in choices.categorical:
        if look.kind in (Kind.EMPTY, Kind.NESTED):
            return _unusable(look)
        return _category(look, "categories, as you said")
    if choices.features is not None and name in choices.features:
        return _as_feature(look)
    return None


def _chosen_label(series: pl.Series, look: ColumnLook) -> ColumnPlan:
    try:
        distinct = categories(series).drop_nulls().unique()
    except WrongType as error:
        raise not_two_values(look.column, []) from error
    if len(distinct) > 2 or not len(distinct):
        raise not_two_values(look.column, distinct.to_list())
    return ColumnPlan(look, look.kind, Role.LABEL, "the label, as you said: no feature")


def _as_feature(look: ColumnLook) -> ColumnPlan:
    """As what a column is used when it is to be one."""
    if look.kind in (Kind.EMPTY, Kind.NESTED) or look.constant is not None:
        return _unusable(look)
    if look.kind in (Kind.CATEGORY, Kind.TEXT):
        return _category(look, f"{look.distinct:,} categories")
    if look.kind is Kind.DATETIME:
        return ColumnPlan(look, look.kind, Role.FEATURE, look.note or "dates", Encoding.CALENDAR)
    reason = f"{look.kind.value}: {look.note}" if look.note else look.kind.value
    return ColumnPlan(look, look.kind, Role.FEATURE, reason, Encoding.NUMBER)


def _category(look: ColumnLook, reason: str) -> ColumnPlan:
    if look.constant is not None:
        return _unusable(look)
    return ColumnPlan(look, Kind.CATEGORY, Role.FEATURE, reason, Encoding.CATEGORY)


def _unusable(look: ColumnLook) -> ColumnPlan:
    """Empty, nested and constant columns; a constant with gaps is still a feature: it says where the gaps are."""
    if look.kind is Kind.EMPTY:
        return ColumnPlan(look, look.kind, Role.IGNORED, "no usable value in any row")
    if look.kind is Kind.NESTED:
        return ColumnPlan(look, look.kind, Role.IGNORED, f"nested values ({look.note}) cannot be compared")
    if look.always_present:
        return ColumnPlan(look, look.kind, Role.IGNORED, f"constant: {look.constant} in every row")
    encoding = Encoding.CATEGORY if look.kind in (Kind.CATEGORY, Kind.TEXT) else Encoding.NUMBER
    reason = f"{look.constant} in {look.present:,} of {look.rows:,} rows, otherwise missing"
    if look.kind is Kind.DATETIME:
        return ColumnPlan(look, look.kind, Role.IGNORED, reason)
    return ColumnPlan(look, look.kind, Role.FEATURE, reason, encoding)


def _inferred(series: pl.Series, look: ColumnLook) -> ColumnPlan:
    if look.kind is Kind.NUMERIC and not look.lenient:
        plan = _inferred_number(series, look)
    elif look.kind in (Kind.CATEGORY, Kind.TEXT) and look.constant is None:
        plan = _inferred_text(series, look)
    elif look.kind is Kind.DATETIME and look.constant is None:
        present = times(series).drop_nulls()
        role = Role.TIME if len(present) > 1 and present.is_sorted() and look.always_present else Role.FEATURE
        plan = replace(_as_feature(look), role=role)
    else:
        plan = None
    return plan or _as_feature(look)


def _inferred_number(series: pl.Series, look: ColumnLook) -> ColumnPlan | None:
    named = named_like_identifier(look.column)
    whole = series
    if not series.dtype.is_integer():
        if not named or not is_whole(numbers(series)):
            return None
        whole = numbers(series).fill_nan(None).cast(pl.Int64, strict=False)
    reason = identifying_integers(whole)
    if reason:
        return ColumnPlan(look, look.kind, Role.ID, reason)
    if not named or look.constant is not None:
        return None
    distinct = whole.drop_nulls().n_unique()
    if distinct <= min(MOST_CATEGORIES, max(FEW_VALUES, look.present // 10)):
        return _category(look, f"named like a reference: {distinct:,} categories")
    return ColumnPlan(
        look, look.kind, Role.IGNORED, f"named like a reference, {distinct:,} different numbers"
    )


def _inferred_text(series: pl.Series, look: ColumnLook) -> ColumnPlan | None:
    if look.distinct == look.present and look.present > 1:
        reason = identifying_text(look.column, texts(series).drop_nulls())
        if reason and look.always_present:
            return ColumnPlan(look, look.kind, Role.ID, reason)
    if look.kind is Kind.TEXT:
        reason = f"{look.distinct:,} different texts in {look.present:,} rows: too many for categories"
        return ColumnPlan(look, look.kind, Role.IGNORED, reason)
    return None


def _inferred_label(frame: pl.DataFrame, free: Iterable[str]) -> ColumnPlan | None:
    """The first of the known names whose column has two values, gaps aside."""
    by_name = {name.strip().casefold(): name for name in reversed(list(free))}
    for known in LABEL_NAMES:
        name = by_name.get(known)
        if name is None or frame[name].dtype.is_nested():
            continue
        values = frame[name].drop_nulls().unique()
        if len(values) == 2:
            look = look_at(frame.select(name))[name]
            return ColumnPlan(look, look.kind, Role.LABEL, "named like a label, two values: no feature")
    return None


def _one_of_each(plans: list[ColumnPlan], choices: ColumnChoices) -> Iterable[ColumnPlan]:
    """At most one column names the rows and one times them: the caller's, else the likeliest."""
    ids = [plan for plan in plans if plan.role is Role.ID]
    first_id = choices.id or next((p.column for p in sorted(ids, key=_less_like_identifier)), None)
    first_time = choices.time or next((p.column for p in plans if p.role is Role.TIME), None)
    for plan in plans:
        if plan.role is Role.ID and plan.column != first_id:
            yield replace(plan, role=Role.IGNORED)
        elif plan.role is Role.TIME and plan.column != first_time:
            yield replace(plan, role=Role.FEATURE if plan.encoding else Role.IGNORED)
        else:
            yield plan


def _less_like_identifier(plan: ColumnPlan) -> bool:
    return not named_like_identifier(plan.column)
