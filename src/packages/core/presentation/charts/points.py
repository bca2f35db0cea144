"""A chart of a page on its own: its points as CSV, its drawing as SVG."""

from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from typing import Any

from core.domain.errors import NotFound
from core.presentation.charts.chart import Chart
from core.presentation.spreadsheets import csv_text


class NoSuchChart(NotFound):
    title = "The page has no such chart"


def chart_of(context: Any, chart_id: str) -> Chart:
    """``context`` is the page's. Raises NoSuchChart."""
    chart = next((each for each in _charts(context) if each.id == chart_id), None)
    if chart is None:
        raise NoSuchChart("It has none with that id.", fix="Open the page without ?chart=.")
    return chart


def points_csv(chart: Chart) -> str:
    return csv_text([chart.twin.headers, *(chart.twin.exact or chart.twin.rows)])


def _charts(context: Any) -> Iterator[Chart]:
    if isinstance(context, Chart):
        yield context
    elif isinstance(context, tuple | list):
        for each in context:
            yield from _charts(each)
    elif is_dataclass(context) and not isinstance(context, type):
        for field in fields(context):
            yield from _charts(getattr(context, field.name))
