"""Rows that a form sends, as a file or as text."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePath

from core.application.files import TenantFiles
from core.domain.errors import DomainError, Invalid, RowProblem
from core.domain.names import can_be_shown
from core.presentation.page_routes import Posted
from core.presentation.parts import Column, Number, Row, Table, Text
from data_platform.presentation.pages.shared import short

ENDINGS = (".csv", ".tsv", ".ndjson", ".jsonl", ".json", ".parquet", ".arrow", ".arrows")
PACKED = (".gz", ".zst")
ACCEPTED = ",".join((*ENDINGS, *PACKED))
LONGEST_TEXT = 2 << 20  # characters pasted into a form


class NothingSent(Invalid):
    title = "There are no rows"


@contextmanager
def rows_in(form: Posted, files: TenantFiles) -> Iterator[Path]:
    """The field ``file``, else the text in ``rows``, in a file; gone afterwards. Raises NothingSent."""
    file, text = form.files.get("file"), form.secret("rows")
    if file is None and not text.strip():
        raise NothingSent("No file was chosen.", fix="Choose one, or paste rows with their header.")
    if file is None and len(text) > LONGEST_TEXT:
        raise NothingSent("That is too much text to paste.", fix="Save it as a file.")
    with files.staging(ending(file.filename or "") if file else "") as path:
        with path.open("xb") as copy:
            if file is None:
                copy.write(text.replace("\r\n", "\n").encode())
            else:
                shutil.copyfileobj(file.file, copy)
        yield path


def ending(filename: str) -> str:
    """Of its form, or none that is known."""
    path = PurePath(filename.lower())
    suffix = PurePath(path.stem).suffix if path.suffix in PACKED else path.suffix
    return suffix if suffix in ENDINGS else ""


def name_of(form: Posted) -> str:
    """What to call a dataset by the file it came in: ``orders.csv.gz`` is orders."""
    file = form.files.get("file")
    stem = PurePath((file.filename or "").replace("\\", "/")).name if file else ""
    for known in (*PACKED, *ENDINGS):
        stem = stem[: -len(known)] if stem.lower().endswith(known) else stem
    return "".join(c for c in stem if can_be_shown(c)).strip()[:120]


def problem_table(problems: tuple[RowProblem, ...]) -> Table | None:
    """What is wrong where, row by row."""
    if not problems:
        return None
    has_columns = any(each.column for each in problems)
    return Table(
        id="row-problems",
        caption=f"The first {len(problems)} rows that are wrong" if len(problems) > 1 else "What is wrong",
        columns=(
            Column("Row", numeric=True),
            *([Column("Column")] if has_columns else []),
            Column("What is wrong"),
        ),
        rows=tuple(
            Row(
                f"problem-{place}",
                (
                    Number(f"{each.row:,}"),
                    *([Text(short(each.column or ""))] if has_columns else []),
                    Text(each.detail),
                ),
            )
            for place, each in enumerate(problems)
        ),
    )


def problems_of(error: DomainError | None) -> Table | None:
    return problem_table(error.problems) if error else None
