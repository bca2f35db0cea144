"""What pages are made of: the input of the shared macros, one class each."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar, Literal

LETTERS = ("", "L", "M", "H", "C")
WORDS = ("none", "low", "medium", "high", "critical")


@dataclass(frozen=True, slots=True)
class Text:
    kind: ClassVar[str] = "text"
    value: str
    unusual: str = ""  # why the value deserves a dotted underline


@dataclass(frozen=True, slots=True)
class Number:
    """``value`` is written as it is, ``exact`` is what the pointer shows."""

    kind: ClassVar[str] = "number"
    value: str
    exact: str = ""
    unusual: str = ""


@dataclass(frozen=True, slots=True)
class Link:
    """``exact`` is what the pointer shows, where ``value`` is short for it."""

    kind: ClassVar[str] = "link"
    value: str
    href: str
    exact: str = ""


@dataclass(frozen=True, slots=True)
class Badge:
    """A score of 0 to 100 with its severity, 0 to 4; from 2 on the row is flagged and the badge has letter and shape."""

    kind: ClassVar[str] = "badge"
    score: float
    severity: int

    @property
    def value(self) -> str:
        """Never rounded up into the next severity."""
        return f"{int(self.score * 10) / 10:.1f}"

    @property
    def letter(self) -> str:
        return LETTERS[self.severity] if self.severity >= 2 else ""

    @property
    def word(self) -> str:
        return WORDS[self.severity]


@dataclass(frozen=True, slots=True)
class Moment:
    """``shown`` is in the reader's zone."""

    kind: ClassVar[str] = "moment"
    at: datetime
    shown: str

    @property
    def iso(self) -> str:
        return self.at.isoformat().replace("+00:00", "Z")


@dataclass(frozen=True, slots=True)
class State:
    """A pill; ``state`` chooses the colour, ``value`` is the word."""

    kind: ClassVar[str] = "state"
    value: str
    state: str


@dataclass(frozen=True, slots=True)
class Share:
    """A share in [0, 1] as a meter with its number."""

    kind: ClassVar[str] = "share"
    value: str
    share: float
    label: str


@dataclass(frozen=True, slots=True)
class Reasons:
    """Contributions as signed bars: (words, share of the largest in [-1, 1])."""

    kind: ClassVar[str] = "reasons"
    items: tuple[tuple[str, float], ...]


@dataclass(frozen=True, slots=True)
class Spark:
    """Heights in [0, 1] of up to 24 bars."""

    kind: ClassVar[str] = "spark"
    heights: tuple[float, ...]
    label: str


@dataclass(frozen=True, slots=True)
class Actions:
    """Buttons in a row of a table; each is a form of its own."""

    kind: ClassVar[str] = "actions"
    buttons: tuple["Button", ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """A select in a row of a table that stands in a form."""

    kind: ClassVar[str] = "choice"
    name: str
    label: str
    options: tuple["Option", ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """One of several answers, given by a button each: a form of its own, which stays where it is when it was sent. ``said``
    is the answer that holds."""

    kind: ClassVar[str] = "answers"
    id: str
    name: str
    action: str
    options: tuple["Option", ...]
    values: tuple[tuple[str, str], ...] = ()
    said: str = ""


Cell = Text | Number | Link | Badge | Moment | State | Share | Reasons | Spark | Actions | Choice | Answers


@dataclass(frozen=True, slots=True, kw_only=True)
class Button:
    """A form with one button that posts ``values`` to ``action``; needs the page's CSRF token."""

    text: str
    action: str
    values: tuple[tuple[str, str], ...] = ()
    style: Literal["plain", "primary", "danger"] = "plain"
    label: str = ""  # accessible name, where the text alone would not do
    key: str = ""  # shortcut


@dataclass(frozen=True, slots=True)
class Column:
    title: str
    numeric: bool = False
    sort_href: str = ""
    order: Literal["", "ascending", "descending"] = ""


@dataclass(frozen=True, slots=True)
class Row:
    id: str
    cells: tuple[Cell, ...]
    href: str = ""
    selected: bool = False
    checked: bool | None = None  # None: it cannot be chosen
    value: str = ""  # what a form that it is chosen for sends; empty: its id


@dataclass(frozen=True, slots=True, kw_only=True)
class Pager:
    shown: str  # "1-50 of 318"
    next_href: str = ""
    first_href: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class EmptyState:
    """One of the five: first-use, learning, healthy, filtered, stale."""

    code: Literal["first-use", "learning", "healthy", "filtered", "stale"]
    title: str
    text: str
    actions: tuple[Link, ...] = ()
    progress: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """``caption`` says what the rows are; ``twins`` are the list's .csv and .json. ``opens`` is the element that shows a
    row when its link is followed, ``form`` the one that chosen rows are sent with, ``swaps`` what another order changes
    where it is not the page."""

    id: str
    caption: str
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    pager: Pager | None = None
    empty: EmptyState | None = None
    twins: tuple[Link, ...] = ()
    rows_href: str = ""  # where "Load more" fetches from; empty: plain paging alone
    opens: str = ""
    form: str = ""
    swaps: str = ""


@dataclass(frozen=True, slots=True)
class Option:
    value: str
    text: str
    chosen: bool = False
    hint: str = ""
    key: str = ""  # shortcut


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One control with its label. ``error`` is what was wrong with ``value`` when it was sent."""

    name: str
    label: str
    kind: Literal[
        "text",
        "email",
        "password",
        "number",
        "range",
        "search",
        "date",
        "file",
        "textarea",
        "select",
        "radio",
        "checkbox",
        "checkboxes",
    ] = "text"
    value: str = ""
    hint: str = ""
    error: str = ""
    options: tuple[Option, ...] = ()
    required: bool = False
    autocomplete: str = ""
    lowest: str = ""
    highest: str = ""
    step: str = ""
    accept: str = ""
    part: str = ""  # tells apart controls of one name on one page

    @property
    def id(self) -> str:
        return f"field-{self.name}{self.part}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Filters:
    """The form above a list. ``chips`` are the filters given, each leads to the list without it; ``sort`` stays."""

    action: str
    fields: tuple[Field, ...]
    chips: tuple[Link, ...] = ()
    sort: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    kind: Literal["note", "success", "warning", "error"] = "note"
    title: str
    text: str = ""
    items: tuple[Link, ...] = ()
    action: Button | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class JobProgress:
    """Work that goes on. ``events`` tells of it; when it is over, the page comes anew."""

    events: str
    progress: float
    message: str
    cancel: Button | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A number that matters, with its name; ``note`` compares it."""

    name: str
    value: str
    note: str = ""
    href: str = ""
    spark: Spark | None = None


@dataclass(frozen=True, slots=True)
class Tab:
    """``key``: g and that key lead there."""

    text: str
    href: str
    current: bool = False
    key: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Facet:
    """Values of a column by how much more frequent they are among anomalies. ``swaps`` is the element that a link changes,
    where it is not the page; then the facet has an ``id``."""

    title: str
    links: tuple[tuple[str, str, str, bool], ...]  # text, note, href, chosen
    id: str = ""
    swaps: str = ""


def error_summary(fields: Sequence[Field]) -> Notice | None:
    """The box above a form that was refused, with a link to each wrong field."""
    wrong = tuple(Link(f"{field.label}: {field.error}", f"#{field.id}") for field in fields if field.error)
    return Notice(kind="error", title="There is a problem", items=wrong) if wrong else None
