"""Columns with a role to choose for each, and the first rows they were found in."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from core.domain.wording import count
from core.presentation.page_routes import Posted
from core.presentation.parts import Cell, Choice, Column, Link, Number, Option, Row, Table, Text
from data_platform.api import ColumnChoices, Decision, Kind, Role
from data_platform.application.datasets.column_roles import Columns, choices_of_roles
from data_platform.presentation.pages.shared import short, value_text

SHOWN_ROWS, SHOWN_COLUMNS, EXAMPLES = 50, 60, 3
MOST_PREVIEWED = 12  # columns of the preview: more cannot be read beside each other
LONGEST_EXAMPLE = 24
ROLES = {
    Role.FEATURE: "feature",
    Role.LABEL: "target",
    Role.TIME: "time",
    Role.ID: "id",
    Role.IGNORED: "ignored",
}
AS_READ, AS_CATEGORY = "", "category"


def chosen_roles(opened: Columns, form: Posted) -> ColumnChoices:
    """Fields are numbered as columns are: a column's name may be anything. Raises ConflictingRoles, InvalidLabel."""
    roles: dict[str, Role] = {}
    categorical = set(opened.choices.categorical)
    for place, name in enumerate(opened.table.schema):
        if f"role-{place}" in form.values and (role := form.text(f"role-{place}")) in set(Role):
            roles[name] = Role(role)
        if f"type-{place}" in form.values:
            (categorical.add if form.text(f"type-{place}") == AS_CATEGORY else categorical.discard)(name)
    return choices_of_roles(opened, roles, categorical=sorted(categorical))


def as_stored(choices: ColumnChoices) -> dict[str, Any]:
    """How a dataset keeps them."""
    return {
        name: list(value) if isinstance(value, tuple) else value for name, value in asdict(choices).items()
    }


def column_table(
    opened: Columns,
    rows: Sequence[dict[str, Any]],
    shown: Sequence[Decision],
    *,
    first: int,
    following: Link | None,
    may_write: bool,
) -> Table:
    """``first`` is the number of the first of those ``shown``; ``following`` leads to the next ones."""
    return Table(
        id="schema",
        caption="Columns and what each is for",
        columns=(Column("Column"), Column("Read as"), Column("Values"), Column("Role"), Column("Why")),
        rows=tuple(
            Row(f"column-{place}", _cells(opened, rows, place, decision, may_write=may_write))
            for place, decision in enumerate(shown, start=first)
        ),
        twins=(following,) if following else (),
    )


def _cells(
    opened: Columns, rows: Sequence[dict[str, Any]], place: int, decision: Decision, *, may_write: bool
) -> tuple[Cell, ...]:
    name = decision.column
    values = [value_text(row[name])[:LONGEST_EXAMPLE] for row in rows if row[name] is not None]
    role, read_as = _choices(place, decision, opened)
    return (
        Text(short(name)),
        read_as if may_write and read_as else Text(str(decision.kind)),
        Text(", ".join(list(dict.fromkeys(values))[:EXAMPLES])),
        role if may_write else Text(ROLES[decision.role]),
        Text(decision.reason),
    )


def _choices(place: int, decision: Decision, opened: Columns) -> tuple[Choice, Choice | None]:
    role = Choice(
        name=f"role-{place}",
        label=f"Role of {decision.column}",
        options=tuple(Option(key, text, key is decision.role) for key, text in ROLES.items()),
    )
    is_chosen = decision.column in opened.choices.categorical
    if decision.kind is not Kind.NUMERIC and not is_chosen:
        return role, None
    read_as = Choice(
        name=f"type-{place}",
        label=f"How {decision.column} is read",
        options=(Option(AS_READ, "numeric", not is_chosen), Option(AS_CATEGORY, "category", is_chosen)),
    )
    return role, read_as


def row_table(opened: Columns, rows: Sequence[dict[str, Any]], shown: Sequence[Decision]) -> Table:
    """The first columns of the rows."""
    names = [each.column for each in shown[:MOST_PREVIEWED]]
    numeric = {name for name, dtype in opened.table.schema.items() if dtype.is_numeric()}
    return Table(
        id="preview",
        caption=f"The first {count(len(rows), 'row')}" if len(rows) > 1 else "The first row",
        columns=tuple(Column(short(name), numeric=name in numeric) for name in names),
        rows=tuple(
            Row(
                f"preview-{place}",
                tuple((Number if name in numeric else Text)(value_text(row[name])) for name in names),
            )
            for place, row in enumerate(rows)
        ),
    )
