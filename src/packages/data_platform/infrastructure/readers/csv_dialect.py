"""How a CSV file is written: delimiter, quote, header."""

import csv
import io
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from data_platform.application.refusals import InvalidTable

DELIMITERS = ("\t", ";", "|", ",")  # a comma may be a decimal mark, so it comes last
SAMPLE_RECORDS = 200
NUMBER_OR_DATE = re.compile(r"^[+-]?[\d.,:/ eE+-]*\d[\d.,:/ eE+-]*$|^[+-]?(nan|inf|infinity)$", re.IGNORECASE)
YEAR = re.compile(r"^(19|20)[0-9]{2}$")


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
    header = _has_header([record for record, _, _ in records])
    first, length, lines = records[0]
    names, spare = _names(first, [record for record, _, _ in records[1:]], header=header)
    _refuse_duplicates(names, name)
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
    )


def best_delimiter(text: str, quote: str = '"') -> str:
    """The one that cuts most records into the same number of fields, the first record too."""
    best, best_share = ",", 0.0
    for delimiter in DELIMITERS:
        records = [record for record, _, _ in _records(text, delimiter, quote, "")]
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


def _has_header(records: list[list[str]]) -> bool:
    """Whether the first record names the columns, told by where it differs in kind from those below."""
    first, body = records[0], records[1:]
    valued = [bool(NUMBER_OR_DATE.match(cell.strip())) for cell in first]
    if not any(valued):
        return any(cell.strip() for cell in first)
    if [cell.strip() for cell in first] == [str(i) for i in range(len(first))] and len(first) > 1 and body:
        return True
    if any(not v and _all_match(NUMBER_OR_DATE, body, column) for column, v in enumerate(valued)):
        return True
    years = [column for column, v in enumerate(valued) if v]
    return len(years) < len(first) and all(
        YEAR.match(first[column].strip()) and not _all_match(YEAR, body, column) for column in years
    )


def _all_match(pattern: re.Pattern[str], body: list[list[str]], column: int) -> bool:
    cells = [record[column].strip() for record in body if column < len(record)]
    return any(cells) and all(pattern.match(cell) for cell in cells if cell)


def _names(first: list[str], body: list[list[str]], *, header: bool) -> tuple[tuple[str, ...], bool]:
    if not header:
        return tuple(f"x{i}" for i in range(len(first))), False
    names = [cell.strip() for cell in first]
    one_more = bool(body) and all(len(record) == len(names) + 1 for record in body)
    spare = one_more and not any(record[-1].strip() for record in body)
    if one_more and not spare:
        names = ["", *names]  # R's write.table: no name above the row names
    taken = set(names)
    for i, column in enumerate(names):
        if not column:
            names[i] = _free(f"column_{i + 1}", taken)
    return tuple(names), spare


def _free(wanted: str, taken: set[str]) -> str:
    free = wanted
    while free in taken:
        free += "_"
    taken.add(free)
    return free


def _refuse_duplicates(names: tuple[str, ...], name: str) -> None:
    twice = [column for column, n in Counter(names).items() if n > 1]
    if twice:
        shown = ", ".join(map(repr, twice[:5])) + (", ..." if len(twice) > 5 else "")
        raise InvalidTable(
            f"{name} has more than one column named {shown}.",
            fix="Rename them so that every name is there once.",
        )
