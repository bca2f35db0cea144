"""What a source holds: told by its first bytes, by the ending of its name where they leave it open."""

import json
import re
from enum import StrEnum
from pathlib import PurePath

from data_platform.application.refusals import InvalidTable


class Format(StrEnum):
    PARQUET = "Parquet"
    ARROW_FILE = "Arrow IPC file"
    ARROW_STREAM = "Arrow IPC stream"
    JSON = "JSON"
    NDJSON = "NDJSON"
    CSV = "CSV"


MAGIC = (
    (b"PAR1", Format.PARQUET),
    (b"ARROW1", Format.ARROW_FILE),
    (b"\xff\xff\xff\xff", Format.ARROW_STREAM),
)
FOREIGN = (
    (b"PK\x03\x04", "an Excel workbook or a zip archive", "Save the sheet as CSV, or unpack the archive."),
    (b"\xd0\xcf\x11\xe0", "an old Excel workbook", "Save the sheet as CSV."),
    (b"SQLite format 3\0", "an SQLite database", 'Give it as sqlite:///PATH with --query "SELECT ...".'),
    (b"PARE", "an encrypted Parquet file", "Decrypt it first."),
    (b"FEA1", "a Feather file of version 1", "Write it as Arrow IPC (Feather version 2) or Parquet."),
    (b"BZh", "compressed with bzip2", "Decompress it, or compress it as .gz or .zst."),
    (b"\xfd7zXZ", "compressed with xz", "Decompress it, or compress it as .gz or .zst."),
    (b"\x89HDF", "an HDF5 file", "Write the table as Parquet or CSV."),
    (b"ORC", "an ORC file", "Write it as Parquet."),
    (b"Obj\x01", "an Avro file", "Write it as Parquet."),
    (b"%PDF", "a PDF document", "Give the table itself, as CSV."),
    (b"\x80\x04\x95", "a pickle, which is never read: it can run code", "Write the table as Parquet."),
    (b"\x80\x05\x95", "a pickle, which is never read: it can run code", "Write the table as Parquet."),
    (b"\x93NUMPY", "a NumPy array", "Write it as CSV or Parquet, or hand the array to the Python interface."),
)
COMPRESSED_ENDINGS = (".gz", ".zst", ".zstd", ".gzip")
BY_ENDING = {
    ".parquet": Format.PARQUET,
    ".pq": Format.PARQUET,
    ".arrow": Format.ARROW_FILE,
    ".feather": Format.ARROW_FILE,
    ".arrows": Format.ARROW_STREAM,
    ".json": Format.JSON,
    ".ndjson": Format.NDJSON,
    ".jsonl": Format.NDJSON,
}
_WEB_PAGE = re.compile(r"\s*<(!doctype\s+html|html)\b", re.IGNORECASE)
_SURELY_JSON = re.compile(r'\s*(\[\s*[\[{]|\[\s*\]\s*$|\{\s*["}])')


def binary_format(start: bytes, name: str) -> Format | None:
    """The binary format that begins so, None for text. Raises InvalidTable for those we do not read."""
    for magic, found in MAGIC:
        if start.startswith(magic):
            return found
    for magic, what, fix in FOREIGN:
        if start.startswith(magic):
            raise InvalidTable(f"{name} is {what}.", fix=fix)
    expected = BY_ENDING.get(ending(name))
    if expected in (Format.PARQUET, Format.ARROW_FILE) and start.strip():
        raise InvalidTable(
            f"{name} is not a {expected} file, though its name says so: it begins with {start[:8]!r}.",
            fix="Give the file the ending of what it holds, or write it again.",
        )
    return None


def text_format(start: str, name: str) -> Format:
    """Among JSON, NDJSON and CSV. Raises InvalidTable for a web page."""
    if _WEB_PAGE.match(start):
        raise InvalidTable(
            f"{name} is a web page.", fix="Give the table itself; its server may want you to sign in."
        )
    expected = BY_ENDING.get(ending(name))
    text = start.lstrip()
    if not (_SURELY_JSON.match(text) or (expected in (Format.JSON, Format.NDJSON))):
        return Format.CSV
    if text.startswith("["):
        first_line = text.partition("\n")[0]
        return (
            Format.NDJSON if expected is Format.NDJSON and first_line.rstrip().endswith("]") else Format.JSON
        )
    first_line, _, others = text.partition("\n")
    lines = bool(others.strip()) and _is_object(first_line)
    return Format.NDJSON if expected is Format.NDJSON or lines else Format.JSON


def ending(name: str) -> str:
    """The ending of the name in small letters, that of a compression aside: ``.csv`` for ``A.CSV.gz``."""
    path = PurePath(name.lower())
    return path.with_suffix("").suffix if path.suffix in COMPRESSED_ENDINGS else path.suffix


def _is_object(line: str) -> bool:
    try:
        return isinstance(json.loads(line), dict)
    except ValueError:
        return False
