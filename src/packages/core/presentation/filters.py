"""What narrows a list: a form whose state is in the address, and what was given as chips."""

from collections.abc import Sequence
from typing import Annotated

from fastapi import Query
from pydantic import AfterValidator

from core.presentation.parts import EmptyState, Field, Filters, Link
from core.presentation.visit import Visit

# What somebody looks for. PostgreSQL refuses text with NUL, where SQLite finds nothing.
Search = Annotated[
    str, Query(max_length=200), AfterValidator(lambda text: text.replace("\x00", "\ufffd").strip())
]


def filters(visit: Visit, fields: Sequence[Field], *, sort: str = "") -> Filters:
    """Of the page the visitor is on. A select's first option stands for no choice."""
    given = ((field, _said(field)) for field in fields)
    chips = tuple(
        Link(f"{field.label}: {said}", visit.here(**{field.name: None})) for field, said in given if said
    )
    return Filters(action=visit.request.url.path, fields=tuple(fields), chips=chips, sort=sort)


def nothing(given: Filters, what: str, otherwise: EmptyState) -> EmptyState:
    """For a list without rows: ``what`` they are, in plural, where filters hide them."""
    if not given.chips:
        return otherwise
    return EmptyState(
        code="filtered",
        title=f"0 {what} match",
        text="The filters above hide the others.",
        actions=(Link("Clear filters", given.action),),
    )


def _said(field: Field) -> str:
    if field.options:
        return next((each.text for each in field.options if each.chosen and each.value), "")
    return field.value
