"""The forms that rows are given in: as a file, as text, as a query."""

from core.domain.errors import DomainError, Invalid
from core.presentation.parts import Field, Option
from data_platform.application.datasets.ports import SourceView
from data_platform.domain.datasets.dataset import DatasetNameTaken, InvalidDatasetName
from data_platform.presentation.pages.sent_rows import ACCEPTED
from data_platform.presentation.pages.shared import LONGEST_NAME

FIELDS = {"upload": "file", "paste": "rows"}  # what gives the rows


def fields_of(
    way: str, values: dict[str, str], sources: list[SourceView], *, is_new: bool
) -> tuple[Field, ...]:
    value = values.get
    name = Field(
        name="name",
        label="Name",
        value=value("name", ""),
        hint=f"Up to {LONGEST_NAME} characters. Left empty, it is that of the file or the source.",
    )
    fields: tuple[Field, ...]
    match way:
        case "upload":
            hint = (
                "CSV, NDJSON, JSON, Parquet or Arrow; also compressed with gzip. "
                "Of an Excel workbook, save the sheet as CSV."
            )
            fields = (
                Field(name="file", label="File", kind="file", accept=ACCEPTED, required=True, hint=hint),
            )
        case "paste":
            hint = (
                "With the names of the columns in the first line, as copied from a spreadsheet, or as JSON."
            )
            fields = (
                Field(
                    name="rows",
                    label="Rows",
                    kind="textarea",
                    value=value("rows", ""),
                    required=True,
                    hint=hint,
                ),
            )
        case _:
            chosen = value("source", "")
            options = tuple(Option(each.slug, each.name, each.slug == chosen) for each in sources)
            hint = "A SELECT; left empty, the source's own. It runs in a transaction that can only read."
            fields = (
                Field(name="source", label="Source", kind="select", options=options, required=True),
                Field(name="query", label="Query", kind="textarea", value=value("query", ""), hint=hint),
                _at_once(value("at_once", ""), is_new=is_new),
            )
    return (*fields, name) if is_new else fields


def field_of(error: DomainError, way: str) -> str:
    if isinstance(error, DatasetNameTaken | InvalidDatasetName):
        return "name"
    if way == "source":
        return "query" if "query" in error.title else "source"
    return FIELDS[way] if isinstance(error, Invalid) else ""


def _at_once(value: str, *, is_new: bool) -> Field:
    roles = " What its columns are for is inferred, and can be changed later." if is_new else ""
    return Field(
        name="at_once",
        label="Load the rows without a look at the first ones",
        kind="checkbox",
        value=value,
        hint=f"For a query that takes longer than 15 seconds.{roles}",
    )
