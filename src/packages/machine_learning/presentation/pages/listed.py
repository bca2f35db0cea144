"""A page that is one list."""

from dataclasses import dataclass

from core.presentation.parts import Table


@dataclass(frozen=True, slots=True, kw_only=True)
class ListPage:
    """``compare_href``: where chosen rows are compared, if they are."""

    title: str
    lead: str
    table: Table
    compare_href: str = ""
