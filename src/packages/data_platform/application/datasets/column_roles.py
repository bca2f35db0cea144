"""What columns are for, as somebody decides it column by column."""

from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Protocol

import polars as pl

from core.domain.errors import Invalid
from data_platform.application.datasets.reading import OpenedVersion
from data_platform.application.ports import Table
from data_platform.domain.preparation.choices import resolved
from data_platform.domain.preparation.decisions import decided, fitted_calendars
from data_platform.domain.preparation.roles import plan_columns
from data_platform.domain.schema import ColumnChoices, ConflictingRoles, Decision, Role, UnknownColumn

LOOKED_AT = 5_000  # rows


class Columns(Protocol):
    """A table's, with what was decided about them; an OpenedVersion is one."""

    @property
    def table(self) -> Table: ...

    @property
    def choices(self) -> ColumnChoices: ...


def first_rows(table: Table) -> pl.DataFrame:
    """Enough of them to tell what columns hold."""
    return next(iter(table.batches(rows=LOOKED_AT)), pl.DataFrame(schema=dict(table.schema)))


def decisions_for(frame: pl.DataFrame, choices: ColumnChoices) -> tuple[Decision, ...]:
    """One for each column. Raises UnknownColumn, ConflictingRoles, InvalidLabel."""
    chosen = resolved(choices, frame.columns)
    plans = plan_columns(frame, chosen)
    return decided(plans, fitted_calendars(frame, plans, chosen.missing), chosen.missing)


def fitting(choices: ColumnChoices, table: Table) -> ColumnChoices:
    """None are left, where those that were made for another version do not fit the table's columns or values."""
    try:
        decisions_for(first_rows(table), choices)
    except (UnknownColumn, Invalid):
        return ColumnChoices()
    return resolved(choices, list(table.schema))


def with_fitting_choices(opened: OpenedVersion) -> OpenedVersion:
    return replace(opened, choices=fitting(opened.choices, opened.table))


def choices_of_roles(
    opened: Columns, roles: Mapping[str, Role], *, categorical: Collection[str]
) -> ColumnChoices:
    """Choices that give each column its role, saying no more than must be said: what would be inferred anyway is left to be.

    Columns not among ``roles`` keep theirs; those among ``categorical`` are read as categories.
    Raises ConflictingRoles, InvalidLabel.
    """
    frame, before = first_rows(opened.table), opened.choices
    now = _roles(frame, before)
    wanted = now | dict(roles)
    if wanted == now and set(categorical) == set(before.categorical):
        return before
    time = _only(wanted, Role.TIME)
    chosen = ColumnChoices(
        id=_only(wanted, Role.ID),
        time=time,
        label=_only(wanted, Role.LABEL),
        categorical=tuple(name for name in categorical if wanted.get(name) is Role.FEATURE),
        missing=before.missing,
    )
    inferred = _roles(frame, chosen)
    ignored = [name for name, role in wanted.items() if role is Role.IGNORED]
    least = replace(chosen, ignore=tuple(name for name in ignored if inferred[name] is not Role.IGNORED))
    if _roles(frame, least) == wanted:
        return least
    features = [name for name, role in wanted.items() if role is Role.FEATURE or name == time]
    if time and before.features is not None and time not in before.features:
        features.remove(time)
    return replace(chosen, features=tuple(features), ignore=tuple(ignored))


def _roles(frame: pl.DataFrame, choices: ColumnChoices) -> dict[str, Role]:
    return {decision.column: decision.role for decision in decisions_for(frame, choices)}


def _only(wanted: Mapping[str, Role], role: Role) -> str | None:
    """The one column of that role. Raises ConflictingRoles."""
    columns = [name for name, given in wanted.items() if given is role]
    if len(columns) > 1:
        raise ConflictingRoles(
            f"{columns[0]!r} and {columns[1]!r} are both to be the {role}.",
            fix="Choose one column.",
            column=columns[1],
        )
    return columns[0] if columns else None
