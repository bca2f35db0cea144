"""Rows as text in columns: without borders; cut nowhere, folded where a terminal is too narrow."""

import math
from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta

from core.presentation.json_text import json_text
from core.presentation.terminal import printable

GAP = "  "
Row = Mapping[str, object]


def cell(value: object) -> str:
    """A value as a person reads it: six digits, nothing for missing, no control characters."""
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case str():
            return printable(value)
        case int():
            return str(int(value))
        case float():
            return _number(float(value))
        case datetime() | date() | time() | timedelta():
            return str(value)
    text = json_text(value)
    return printable(text[1:-1] if text.startswith('"') else text)


def table(rows: Sequence[Row], columns: Sequence[str], *, header: bool = True) -> str:
    """One line per row, each column as wide as its widest cell, numbers to the right."""
    cells = [[cell(row.get(column)) for column in columns] for row in rows]
    lines = [[printable(column) for column in columns], *cells] if header else cells
    widths = [max((len(line[i]) for line in lines), default=0) for i in range(len(columns))]
    right = [_numeric(rows, column) for column in columns]
    return "\n".join(
        GAP.join(
            text.rjust(width) if to_right else text.ljust(width)
            for text, width, to_right in zip(line, widths, right, strict=True)
        ).rstrip()
        for line in lines
    )


def folded_table(rows: Sequence[Row], columns: Sequence[str], *, header: bool = True, colour: bool) -> None:
    """Print the table to the terminal, with long cells over several lines."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    grid = Table(
        box=None, show_header=header, pad_edge=False, padding=(0, len(GAP), 0, 0), header_style="bold"
    )
    for column in columns:
        justify = "right" if _numeric(rows, column) else "left"
        grid.add_column(Text(printable(column)), justify=justify, overflow="fold")  # type: ignore[arg-type]  # of the two
    for row in rows:
        grid.add_row(*(Text(cell(row.get(column))) for column in columns))
    Console(color_system="auto" if colour else None, highlight=False).print(grid)


def _numeric(rows: Sequence[Row], column: str) -> bool:
    values = [value for row in rows if (value := row.get(column)) is not None]
    return bool(values) and all(isinstance(v, int | float) and not isinstance(v, bool) for v in values)


def _number(value: float) -> str:
    if not math.isfinite(value):
        return str(value)
    if value.is_integer() and abs(value) < 1e15:
        return f"{value:.0f}"
    if 1e5 <= abs(value) < 1e15:
        return f"{value:.1f}"
    return f"{value:.6g}"
