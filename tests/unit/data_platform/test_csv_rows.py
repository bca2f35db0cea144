"""The rows of a CSV are those that Python's own writer wrote."""

import csv
import io

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from data_platform.infrastructure.readers.byte_stream import ForwardReader
from data_platform.infrastructure.readers.csv_dialect import CsvDialect
from data_platform.infrastructure.readers.csv_table import CsvText
from data_platform.infrastructure.readers.utf8_text import utf8_text

CELLS = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cc"]) | st.sampled_from('",;\n\t '), max_size=8
)


@given(
    rows=st.lists(st.tuples(CELLS, CELLS, CELLS), min_size=1, max_size=20),
    delimiter=st.sampled_from(",;\t|"),
    line_end=st.sampled_from(["\n", "\r\n"]),
    chunk=st.integers(1, 50),
)
def test_every_cell_is_read_as_it_was_written(
    rows: list[tuple[str, str, str]], delimiter: str, line_end: str, chunk: int
) -> None:
    file = io.StringIO()
    csv.writer(file, delimiter=delimiter, lineterminator=line_end, quoting=csv.QUOTE_ALL).writerows(rows)
    content = file.getvalue().encode()

    def opened() -> ForwardReader:
        source = io.BytesIO(content)
        return utf8_text(ForwardReader(lambda size: source.read(min(size, chunk))), "t", lambda _: None)

    table = CsvText("t", CsvDialect(("a", "b", "c"), delimiter, '"', header=False), opened)
    assert pl.concat(list(table.batches(rows=7))).rows() == rows
