"""How much is scored while the caller waits."""

import polars as pl

from anomaly_detection.domain.algorithm import Algorithm
from core.domain.errors import TooLarge
from data_platform.api import Table

MOST_ROWS = 10_000
MOST_COLUMNS = 2_000
MOST_CELLS = 5_000_000
DEEP = "deep"  # the family of neural networks
MOST_CELLS_FITTED = 1_000_000
MOST_ROWS_OF_PYOD = 1_000  # some of its classes take minutes for more
BY_RUN = "Upload the rows as a dataset (POST /api/v1/datasets), then start a run (POST /api/v1/runs)."


class TooManyRows(TooLarge):
    title = "Too many rows to score while you wait"


class TooHeavy(TooLarge):
    title = "Too much work to do while you wait"


def require_few(rows: int) -> None:
    """Raises TooManyRows."""
    if rows > MOST_ROWS:
        raise TooManyRows(
            f"There are {rows:,} rows or more; at most {MOST_ROWS:,} are scored at once.",
            fix=BY_RUN,
            limit=MOST_ROWS,
        )


def require_narrow(rows: int, columns: int) -> None:
    """Raises TooHeavy."""
    for found, most, what in ((columns, MOST_COLUMNS, "columns"), (rows * columns, MOST_CELLS, "values")):
        if found > most:
            raise TooHeavy(
                f"There are {found:,} {what}; at most {most:,} are scored at once.", fix=BY_RUN, limit=most
            )


def require_light(entry: Algorithm, rows: int, columns: int) -> None:
    """Whether a detector may be fitted at once. Raises TooHeavy."""
    if entry.family == DEEP:
        raise TooHeavy(f"{entry.name} learns too long for an answer at once.", fix=BY_RUN)
    if entry.name.startswith("pyod:") and rows > MOST_ROWS_OF_PYOD:
        raise TooHeavy(
            f"{entry.name} learns from at most {MOST_ROWS_OF_PYOD:,} rows at once.",
            fix=BY_RUN,
            limit=MOST_ROWS_OF_PYOD,
        )
    if rows * columns > MOST_CELLS_FITTED:
        raise TooHeavy(
            f"{rows:,} rows of {columns:,} columns are too much to learn from at once.",
            fix=BY_RUN,
            limit=MOST_CELLS_FITTED,
        )


def whole(table: Table) -> pl.DataFrame:
    """All rows of a table that has few. Raises TooManyRows, and what reading the table raises."""
    frames: list[pl.DataFrame] = []
    rows = 0
    for frame in table.batches():
        rows += len(frame)
        require_few(rows)
        frames.append(frame)
    return pl.concat(frames) if frames else pl.DataFrame()
