"""The caller's choices about columns, checked against the columns there are."""

from collections.abc import Sequence
from dataclasses import replace

from core.domain.suggestion import did_you_mean
from data_platform.domain.schema import ColumnChoices, ColumnNotInDataset, ConflictingRoles, UnknownColumn


def resolved(choices: ColumnChoices, columns: Sequence[str]) -> ColumnChoices:
    """The choices in the table's own spelling: spaces around a name do not matter where it stays clear.

    Raises UnknownColumn, ConflictingRoles.
    """
    spelling = {name.strip(): name for name in reversed(columns)} | {name: name for name in columns}

    def known(name: str, *role: str) -> str:
        found = spelling.get(name, spelling.get(name.strip()))
        if found is None:
            raise UnknownColumn(
                f"There is no column {name!r}.",
                fix=did_you_mean(name, columns) if columns else "",
                column=name,
                role=role,
            )
        return found

    def all_known(names: Sequence[str], role: str) -> tuple[str, ...]:
        return tuple(known(name, role, str(place)) for place, name in enumerate(names))

    found = replace(
        choices,
        features=None if choices.features is None else all_known(choices.features, "features"),
        ignore=all_known(choices.ignore, "ignore"),
        id=None if choices.id is None else known(choices.id, "id"),
        time=None if choices.time is None else known(choices.time, "time"),
        label=None if choices.label is None else known(choices.label, "label"),
        categorical=all_known(choices.categorical, "categorical"),
    )
    _refuse_conflicts(found)
    return found


def resolved_in(dataset: str, choices: ColumnChoices, columns: Sequence[str]) -> ColumnChoices:
    """As ``resolved``, for choices that a request about a dataset names. Raises ColumnNotInDataset, ConflictingRoles."""
    try:
        return resolved(choices, columns)
    except UnknownColumn as error:
        name, role = error.facts["column"], error.facts["role"]
        raise ColumnNotInDataset(
            f"{dataset} has no column {name!r}.", fix=error.fix, column=name, role=role
        ) from error


def _refuse_conflicts(choices: ColumnChoices) -> None:
    """A time column may be a feature as well: it gives calendar parts."""
    uses: list[tuple[str, set[str]]] = [
        ("ignored", set(choices.ignore)),
        ("the id", _one(choices.id)),
        ("the time", _one(choices.time)),
        ("the label", _one(choices.label)),
        ("a feature", {*(choices.features or ()), *choices.categorical}),
    ]
    for i, (first, columns) in enumerate(uses):
        for second, others in uses[i + 1 :]:
            both = columns & others
            if both and (first, second) != ("the time", "a feature"):
                raise ConflictingRoles(
                    f"Column {min(both)!r} is to be {first} and {second}.",
                    fix="Choose one.",
                    column=min(both),
                )


def _one(column: str | None) -> set[str]:
    return set() if column is None else {column}
