"""How a column of text is to be read: as numbers, dates, truth values, or as the text it is."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import polars as pl

# Spaces around and capitals do not count. A text column keeps "NA" (Namibia) and "-", which may be categories.
MISSING = (
    "",
    "na",
    "n/a",
    "#n/a",
    "<na>",
    "null",
    "none",
    "nil",
    "nan",
    "-",
    "--",
    "?",
    "\\n",
    "#value!",
    "#div/0!",
    ".",
)
MISSING_IN_TEXT = ("", "n/a", "#n/a", "<na>", "null", "nan", "?", "\\n")
LONGEST_MISSING = 8  # with spaces
GROUPING = r"[ \x{a0}\x{202f}'\x{2019}]"  # thousands marks that cannot be a decimal mark
DATE_FORMATS = (
    "%Y-%m-%d",
    "%Y/%m/%d",
    "%d.%m.%y",
    "%d.%m.%Y",
    "%m/%d/%y",
    "%m/%d/%Y",
    "%d/%m/%y",
    "%d/%m/%Y",
)
SPELLED_DATE_FORMATS = (
    "%d-%m-%Y",
    "%m-%d-%Y",
    "%d-%b-%y",
    "%d-%b-%Y",
    "%d %b %Y",
    "%b %d, %Y",
    "%d %B %Y",
    "%B %d, %Y",
)
TIME_FORMATS = ("%H:%M:%S%.f", "%H:%M", "%I:%M:%S %p", "%I:%M %p")
ZONED_FORMATS = (
    *(f"%Y-%m-%d{t}%H:%M{s}%#z" for t in "T " for s in (":%S%.f", "")),
    "%a, %d %b %Y %H:%M:%S %z",
    "%d/%b/%Y:%H:%M:%S %z",
)
DATETIME_FORMATS = (
    *(f"%Y-%m-%dT{time}" for time in TIME_FORMATS[:2]),
    *(f"{date} {time}" for date in (*DATE_FORMATS, *SPELLED_DATE_FORMATS) for time in TIME_FORMATS),
    *ZONED_FORMATS,
)


class Form(StrEnum):
    INTEGER = "integer"
    NUMBER = "number"
    DECIMAL_COMMA = "decimal comma"  # 1.234,5 or 1 234,5
    THOUSANDS = "thousands marks"  # 1,234.5 or 1 234.5 or 1'234.5
    BOOLEAN = "boolean"
    DATE = "date"
    DATETIME = "datetime"
    TEXT = "text"
    EMPTY = "empty"  # no value at all


_EXPONENT = "([eE][+-]?[0-9]+)?"
COMMA_PATTERNS = {
    Form.DECIMAL_COMMA: rf"^[+-]?(([0-9]+|[0-9]{{1,3}}((\.|{GROUPING})[0-9]{{3}})+)(,[0-9]*)?|,[0-9]+){_EXPONENT}$",
    Form.THOUSANDS: rf"^[+-]?(([0-9]+|[0-9]{{1,3}}((,|{GROUPING})[0-9]{{3}})+)(\.[0-9]*)?|\.[0-9]+){_EXPONENT}$",
}


@dataclass(frozen=True, slots=True)
class Reading:
    """The form of every value of a column; ``pattern`` is the date format, ``strip`` drops spaces around text."""

    form: Form
    pattern: str = ""
    strip: bool = False

    @property
    def type(self) -> pl.DataType:
        match self.form:
            case Form.INTEGER:
                return pl.Int64()
            case Form.NUMBER | Form.DECIMAL_COMMA | Form.THOUSANDS:
                return pl.Float64()
            case Form.BOOLEAN:
                return pl.Boolean()
            case Form.DATE:
                return pl.Date()
            case Form.DATETIME:
                return pl.Datetime("us", "UTC" if "z" in self.pattern else None)
        return pl.String()

    def expression(self, column: str) -> pl.Expr:
        """The column typed; what is missing is null."""
        text = pl.col(column)
        if self.strip:
            text = text.str.strip_chars()
        match self.form:
            case Form.INTEGER:
                return text.cast(pl.Int64, strict=False)
            case Form.NUMBER | Form.DECIMAL_COMMA | Form.THOUSANDS:
                return self.number_text(text).cast(pl.Float64, strict=False).fill_nan(None)
            case Form.BOOLEAN:
                lowered = text.str.to_lowercase()
                return pl.when(lowered.is_in(["true", "false"])).then(lowered == "true").alias(column)
            case Form.DATE:
                return text.str.to_date(self.pattern, strict=False)
            case Form.DATETIME:
                return text.str.to_datetime(self.pattern, strict=False, time_unit="us")
        if self.form is Form.EMPTY:
            return pl.when(False).then(text).alias(column)
        missing = text.str.len_bytes() <= LONGEST_MISSING
        missing &= text.str.strip_chars().str.to_lowercase().is_in(MISSING_IN_TEXT)
        return pl.when(~missing).then(text).alias(column)

    def number_text(self, text: pl.Expr) -> pl.Expr:
        """The number as other programs write it: no thousands marks, a point for the decimals."""
        if self.form is Form.DECIMAL_COMMA:
            return text.str.replace_all(rf"\.|{GROUPING}", "").str.replace(",", ".", literal=True)
        return text.str.replace_all(f",|{GROUPING}", "") if self.form is Form.THOUSANDS else text


ALL_DATE_FORMATS = (
    *((Form.DATE, pattern) for pattern in (*DATE_FORMATS, *SPELLED_DATE_FORMATS)),
    *((Form.DATETIME, pattern) for pattern in DATETIME_FORMATS),
)


def dates_fitting(values: pl.Series, readings: Sequence[Reading]) -> tuple[Reading, ...]:
    """Those of the date readings that make a date of every value; no value has spaces around."""
    frame = values.to_frame("value")
    return tuple(r for r in readings if frame.select(r.expression("value")).to_series().null_count() == 0)
