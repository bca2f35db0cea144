"""How a CSV file is written: delimiter, quote, header."""

import csv
import io
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from data_platform.application.refusals import InvalidTable
from data_platform.infrastructure.readers.csv_header import (
    has_header,
    names_in,
    refuse_duplicates,
    titles_above,
)

DELIMITERS = ("\t", ";", "|", ",")  # a comma may be a decimal mark, so it comes last
SAMPLE_RECORDS = 200


@dataclass(frozen=True, slots=True)
class CsvDialect:
    names: tuple[str, ...]
    delimiter: str
    quote: str
    header: bool
    escape: str = ""
    start: int = 0  # bytes before the first row of values
    start_line: int = 1  # the 1-based line it is on
    spare_field: bool = False  # every row ends with a delimiter that the header does not have
    unnamed_first: bool = False  # every row begins with a field that the header does not have
    title: str = ""  # the first of the lines above the header, which are left out

    @property
    def fields(self) -> int:
        return len(self.names) + self.spare_field


def sniff_csv(start: str, *, name: str, ending: str = "") -> CsvDialect:
    """The dialect of the text that begins with ``start``. Raises InvalidTable for duplicate or absent columns."""
    skipped, delimiter = _before_the_table(start)
    text = start[skipped:]
    quote = _quote(text)
    escape = "\\" if re.search(r'\\"', text) and not re.search(r'[^\\]""', text) else ""
    delimiter = delimiter or ("\t" if ending == ".tsv" and "\t" in text else best_delimiter(text, quote))
    records = _records(text, delimiter, quote, escape)
    if not records:
        raise InvalidTable(f"{name} is empty.", fix="Give a file with a header line and rows.")
    titles = titles_above([record for record, _, _ in records])
    title = records[0][0][0].strip() if titles else ""
    records = records[titles:]
    header = has_header([record for record, _, _ in records])
    first, length, lines = records[0]
    names, spare = names_in(first, [record for record, _, _ in records[1:]], header=header)
    refuse_duplicates(names, name)
    before = start[:skipped] + (text[:length] if header else "")
    return CsvDialect(
        names=names,
        delimiter=delimiter,
        quote=quote,
        header=header,
        escape=escape,
        start=len(before.encode()),
        start_line=1 + start[:skipped].count("\n") + (lines if header else 0),
        spare_field=spare,
        unnamed_first=len(names) > len(first),
        title=title,
    )


def best_delimiter(text: str, quote: str = '"') -> str:
    """The one that cuts most records into the same number of fields, the first record too."""
    best, best_share = ",", 0.0
    for delimiter in DELIMITERS:
        found = [record for record, _, _ in _records(text, delimiter, quote, "")]
        records = found[titles_above(found) :]
        counts = Counter(len(record) for record in records)
        if not counts:
            continue
        fields, rows = counts.most_common(1)[0]
        share = rows / len(records) - 0.5 * (abs(len(records[0]) - fields) > 1)
        if fields > 1 and share > best_share + 0.05:
            best, best_share = delimiter, share
    return best


def _before_the_table(start: str) -> tuple[int, str]:
    """Characters of blank lines and Excel's ``sep=;`` line, and the delimiter the latter states."""
    found = re.match(r"(?:[ \t]*[\r\n]+)*(?:sep=(.)[ \t]*(?:\r\n|\n|\r))?(?:[ \t]*[\r\n]+)*", start)
    return (found.end(), found.group(1) or "") if found else (0, "")


def _quote(text: str) -> str:
    single = len(re.findall(r"(?:^|[,;\t|])'[^'\n]*'(?=[,;\t|\r\n]|$)", text, re.MULTILINE))
    return "'" if single > text.count("\n") / 2 and '"' not in text and single > 1 else '"'


def _records(text: str, delimiter: str, quote: str, escape: str) -> list[tuple[list[str], int, int]]:
    """The first records that are not blank, each with the characters and lines read up to its end."""
    read = 0

    def lines() -> Iterator[str]:
        nonlocal read
        for line in io.StringIO(text, newline=""):
            read += len(line)
            yield line

    reader = csv.reader(lines(), delimiter=delimiter, quotechar=quote, escapechar=escape or None)
    records: list[tuple[list[str], int, int]] = []
    try:
        for record in reader:
            if record:
                records.append((record, read, reader.line_num))
            if len(records) > SAMPLE_RECORDS:
                break
    except csv.Error:
        return records
    cut_short = read == len(text) and len(records) > 1 and not text.endswith(("\n", "\r"))
    return records[:-1] if cut_short and len(text) >= 1 << 19 else records
