"""A list as somebody wants to see it again: a query string with a name."""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import NewType
from urllib.parse import parse_qsl, urlencode
from uuid import UUID

from core.domain.errors import Conflict, Invalid, NotFound
from core.domain.ids import TenantId, UserId

SavedViewId = NewType("SavedViewId", UUID)

MOST = 50  # of one person in one tenant
LONGEST_NAME, LONGEST_QUERY = 60, 2000
PAGE = re.compile(r"/[A-Za-z0-9/_.~-]{0,199}", re.ASCII)
PASSING = {"cursor", "chart"}  # query values that belong to one look at the list, not to the view


class InvalidView(Invalid):
    title = "The view cannot be saved"


class NoSuchView(NotFound):
    title = "No such view"


class TooManyViews(Conflict):
    title = "There are too many saved views"


@dataclass(eq=False, kw_only=True)
class SavedView:
    """``page`` is the path below the tenant's; one name stands for one view of a page."""

    id: SavedViewId
    tenant_id: TenantId
    user_id: UserId
    page: str
    name: str
    query: str
    created_at: datetime


def checked_page(path: str) -> str:
    """Raises InvalidView."""
    if not PAGE.fullmatch(path) or "//" in path or "/../" in f"{path}/":
        raise InvalidView("That is no page of ours.", fix="Save the view from its page.")
    return path


def checked_query(text: str) -> str:
    """As pages write it, without what belongs to one look. Raises InvalidView."""
    if len(text) > LONGEST_QUERY or "\x00" in text:
        raise InvalidView(
            f"Its filters are longer than {LONGEST_QUERY} characters.", fix="Take some of them out."
        )
    pairs = parse_qsl(text.removeprefix("?"))
    query = urlencode([(name, value) for name, value in pairs if name not in PASSING])
    if len(query) > LONGEST_QUERY:
        raise InvalidView(
            f"Its filters are longer than {LONGEST_QUERY} characters.", fix="Take some of them out."
        )
    return query


def no_such_view() -> NoSuchView:
    """Of somebody else or of none: nobody can tell which."""
    return NoSuchView("You have none with that id.", fix="Open the list again.")
