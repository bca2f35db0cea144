"""What the address of a run's result says: which rows, in which order, with which columns."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Literal
from urllib.parse import quote, unquote

from fastapi import Depends, Query

from anomaly_detection.application.runs.find_rows import RowsWanted
from core.domain.errors import BadRequest

THRESHOLD = 80.0  # of scores as pages show them: flagged from here on
MOST_COLUMNS = 6
LONGEST_BACK = 4000  # of a query sent along
Text = Annotated[str, Query(max_length=2000)]
Texts = Annotated[list[Annotated[str, Query(max_length=2000)]], Query(max_length=50)]


class UnreadableFilter(BadRequest):
    title = "That filter cannot be read"


@dataclass(frozen=True, slots=True, kw_only=True)
class ResultQuery:
    """``min_score`` 0 to 100 in tenths. ``facets`` are texts of ``facet_text``; ``cols`` are chosen columns, ``row`` the row
    that is open, ``with_facets`` that what is dear to count is wanted at once."""

    min_score: float
    sort: str
    facets: Sequence[str]
    cols: Sequence[str]
    row: int | None
    cursor: str | None
    with_facets: bool

    @property
    def is_filtered(self) -> bool:
        return bool(self.facets) or self.min_score != THRESHOLD

    @property
    def score_gte(self) -> float:
        return round(self.min_score * 10) / 1000

    @property
    def wanted(self) -> RowsWanted:
        """Raises UnreadableFilter."""
        having: dict[str, list[str]] = {}
        for facet in self.facets:
            column, text = facet_parts(facet)
            having.setdefault(column, []).append(text)
        return RowsWanted(score_gte=self.score_gte, having=having)

    @property
    def state(self) -> tuple[tuple[str, str], ...]:
        """What a form has to send along that changes the score alone."""
        row = () if self.row is None else (("row", str(self.row)),)
        order = () if self.sort == "-score" else (("sort", self.sort),)
        return (
            *(("facet", each) for each in self.facets),
            *(("cols", each) for each in self.cols),
            *order,
            *row,
        )


async def result_query(
    min_score: Annotated[str, Query(max_length=20)] = "",
    sort: Annotated[Literal["-score", "score", "row", "-row"], Query()] = "-score",
    facet: Texts = [],  # noqa: B006 - FastAPI copies it
    cols: Texts = [],  # noqa: B006 - FastAPI copies it
    row: Annotated[int | None, Query(ge=0, le=2**53)] = None,
    cursor: Annotated[str | None, Query(max_length=1000)] = None,
    facets: Annotated[Literal["", "1"], Query()] = "",
) -> ResultQuery:
    return ResultQuery(
        min_score=_score(min_score),
        sort=sort,
        facets=tuple(dict.fromkeys(facet)),
        cols=tuple(dict.fromkeys(cols))[:MOST_COLUMNS],
        row=row,
        cursor=cursor,
        with_facets=bool(facets),
    )


def _score(text: str) -> float:
    """An emptied field is one that nobody has filled in. Raises UnreadableFilter."""
    try:
        score = float(text.replace(",", ".")) if text.strip() else THRESHOLD
    except ValueError:
        score = -1.0
    if not 0 <= score <= 100:
        raise UnreadableFilter(f"{text!r} is no score.", fix="Scores go from 0 to 100.")
    return round(score, 1)


Asked = Annotated[ResultQuery, Depends(result_query)]


def facet_text(column: str, text: str) -> str:
    return f"{quote(column, safe=' ')}:{text}"


def facet_parts(facet: str) -> tuple[str, str]:
    """Raises UnreadableFilter."""
    column, colon, text = facet.partition(":")
    if not colon:
        raise UnreadableFilter(
            f"{facet[:100]!r} names no value.", fix="Choose a value from the list beside the rows."
        )
    return unquote(column), text


def score_text(score: float) -> str:
    """As a person writes it: 80, 87.5."""
    return f"{score:.4g}"
