"""The column of a table that says which rows are anomalies."""

from data_platform.application.ports import Table
from data_platform.domain.labels import LABEL_NAMES, InvalidLabel, LabelColumn, LabelCounts
from data_platform.domain.preparation.choices import resolved
from data_platform.domain.schema import ColumnChoices


def find_label(table: Table, name: str | None) -> LabelColumn | None:
    """The column ``name``, or without one the first that is named like a label and has two values; None if none is.

    Reads that column of every row. Raises UnknownColumn, and InvalidLabel for a named column that is none.
    """
    if name is not None:
        chosen = resolved(ColumnChoices(label=name), list(table.schema)).label
        return _counted(table, str(chosen))
    by_name = {column.strip().casefold(): column for column in reversed(list(table.schema))}
    for known in LABEL_NAMES:
        if known in by_name:
            try:
                return _counted(table, by_name[known])
            except InvalidLabel:
                continue
    return None


def _counted(table: Table, column: str) -> LabelColumn:
    counts = LabelCounts(column, {})
    for batch in table.batches(columns=[column]):
        counts.add(batch[column])
    return counts.column()
