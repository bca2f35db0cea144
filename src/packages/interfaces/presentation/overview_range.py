"""The time range that an overview is of: the last hours or days, or whole days of the reader's zone."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated, Literal

from fastapi import Query

from core.presentation.look import zone_named
from core.presentation.parts import Field, Tab
from core.presentation.visit import Visit
from interfaces.application.overview import Span

RANGES = {
    "1h": timedelta(hours=1),
    "24h": timedelta(days=1),
    "7d": timedelta(days=7),
    "30d": timedelta(days=30),
}
WORDS = {"1h": "hour", "24h": "24 hours", "7d": "7 days", "30d": "30 days"}
Reach = Literal["1h", "24h", "7d", "30d"]
Day = Annotated[date, Query(ge=date(2000, 1, 1), le=date(2999, 12, 31))] | Literal[""]


@dataclass(frozen=True, slots=True, kw_only=True)
class OverviewRange:
    """``words`` say how long it is, as in "over the last 7 days"; ``kept`` is sent along when days are chosen."""

    span: Span
    words: str
    tabs: tuple[Tab, ...]
    days: tuple[Field, ...]
    action: str


def range_of(visit: Visit, reach: Reach, first: date | str, last: date | str) -> OverviewRange:
    now, days = visit.site.clock(), _days(visit, first, last)
    problem = "" if days is None or days.since < days.until else "It is after the last day."
    span = Span(now - RANGES[reach], now) if days is None or problem else days
    is_custom = span is days
    return OverviewRange(
        span=span,
        words=_whole_days(span) if is_custom else WORDS[reach],
        tabs=tuple(
            Tab(
                f"Last {words}",
                visit.here(range=each, **{"from": None, "to": None}),
                each == reach and not is_custom,
            )
            for each, words in WORDS.items()
        ),
        days=(
            Field(name="from", label="From", kind="date", value=str(first), error=problem),
            Field(name="to", label="To", kind="date", value=str(last)),
        ),
        action=visit.url(""),
    )


def _days(visit: Visit, first: date | str, last: date | str) -> Span | None:
    """Whole ones; without a last one until now, without a first one the last alone."""
    zone, now = zone_named(visit.look.zone) or UTC, visit.site.clock()
    begin = first if isinstance(first, date) else last
    if not isinstance(begin, date):
        return None
    end = last if isinstance(last, date) else now.astimezone(zone).date()
    return Span(
        datetime.combine(begin, time(), zone), datetime.combine(end + timedelta(days=1), time(), zone)
    )


def _whole_days(span: Span) -> str:
    days = round((span.until - span.since) / timedelta(days=1))
    return "day" if days == 1 else f"{days:,} days"
