"""The form of each column of a text table, found by looking at every row."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import polars as pl

from core.domain.errors import MOST_PROBLEMS
from data_platform.infrastructure.readers.text_reading import (
    ALL_DATE_FORMATS,
    COMMA_PATTERNS,
    MISSING,
    Form,
    Reading,
    dates_fitting,
)

LEADING_ZERO = r"^[+-]?0[0-9]"
DIGITS = r"^[+-]?[0-9]+$"
LONGEST_DATE = 40
CHEAP_LOOK = 100
LONGEST_SHOWN = 30
WITH_SIGN = r"^([$€£¥]\s?[+-]?[0-9][0-9.,]*|[+-]?[0-9][0-9.,]*\s?[%‰$€£¥])$"
LIKE_DATE = r"^[0-9A-Za-z]{1,9}[-/., ]+[0-9A-Za-z]{1,9}[-/., ]+[0-9]{1,4}"


class TextTyping:
    """Sees all rows, then says how to read each column without losing a value."""

    def __init__(self, *, decimal_comma: bool = False, numbers: bool = True) -> None:
        """``decimal_comma``: how to read ``1,234`` where nothing else tells. ``numbers=False``: digits stay text."""
        self._columns: dict[str, _Column] = {}
        self._rows = 0
        self._decimal_comma = decimal_comma
        self._numbers = numbers

    def observe(self, frame: pl.DataFrame) -> None:
        """See the next rows; every column of the frame is text."""
        for text in frame:
            self._columns.setdefault(text.name, _Column()).observe(text, self._rows)
        self._rows += len(frame)

    def readings(self) -> dict[str, Reading]:
        comma = self._decimal_comma or any(c.surely_decimal_comma for c in self._columns.values())
        return {n: c.reading(decimal_comma=comma, numbers=self._numbers) for n, c in self._columns.items()}

    def rows_to_name(self, readings: Mapping[str, Reading]) -> set[int]:
        """Those that ``notes`` tells of, from 0."""
        found = (self._columns[name] for name, reading in readings.items() if name in self._columns)
        return {row for column in found if column.is_spoilt for row, _ in column.odd}

    def notes(self, readings: Mapping[str, Reading], lines: Mapping[int, int] | None = None) -> list[str]:
        """``lines`` are those of the rows to name; a row without one is counted from 1."""
        known = lines or {}
        return [
            note
            for name, column in self._columns.items()
            if name in readings
            and (note := column.note(name, readings[name], numbers=self._numbers, lines=known))
        ]


@dataclass(slots=True)
class _Column:
    """What has been seen of one column. Counts are of values that are not missing."""

    seen: int = 0
    not_numbers: int = 0
    odd: list[tuple[int, str]] = field(
        default_factory=list
    )  # the first that are not numbers, with their rows
    spaced: bool = False
    integer: bool = True
    leading_zero: bool = False
    beyond_64_bits: bool = False
    boolean: bool = True
    commas: list[Form] = field(default_factory=lambda: list(COMMA_PATTERNS))
    surely_decimal_comma: bool = False
    dates: tuple[Reading, ...] | None = None

    def observe(self, whole: pl.Series, first_row: int) -> None:
        text = whole.drop_nulls()
        numbers = text.cast(pl.Float64, strict=False)
        odd = text.filter(numbers.is_null())
        if len(odd):
            stripped = odd.str.strip_chars()
            self.spaced |= bool((stripped.str.len_bytes() < odd.str.len_bytes()).any())
            odd = stripped.filter(~stripped.str.to_lowercase().is_in(MISSING))
        plain = len(numbers) - numbers.null_count() - int(numbers.is_nan().sum())
        self.seen += plain + len(odd)
        if plain:
            self.boolean, self.dates = False, ()
        if plain and self._numbers_still_tell:
            self._observe_numbers(
                text.filter(numbers.is_finite()), infinite=bool(numbers.is_infinite().any())
            )
        if len(odd):
            self._observe_odd(odd)
        if self.not_numbers > len(self.odd) < MOST_PROBLEMS:
            self._keep_odd(whole, first_row)

    def _keep_odd(self, whole: pl.Series, first_row: int) -> None:
        text = whole.str.strip_chars()
        is_odd = text.cast(pl.Float64, strict=False).is_null() & ~text.str.to_lowercase().is_in(MISSING)
        for row in is_odd.fill_null(value=False).arg_true().head(MOST_PROBLEMS - len(self.odd)).to_list():
            self.odd.append((first_row + row, text[row]))

    @property
    def is_spoilt(self) -> bool:
        """A column of numbers but for a few values, which are neither dates nor numbers of another form."""
        return 0 < self.not_numbers <= self.seen / 2 and not self.dates and not self.commas

    @property
    def _numbers_still_tell(self) -> bool:
        return self.integer or Form.DECIMAL_COMMA in self.commas

    def _observe_numbers(self, text: pl.Series, *, infinite: bool = False) -> None:
        if self.integer:
            beyond = text.filter(text.cast(pl.Int64, strict=False).is_null())
            self.integer = not infinite and bool(beyond.str.contains(DIGITS).all())
            self.beyond_64_bits |= len(beyond) > 0
            self.leading_zero |= bool(text.str.contains(LEADING_ZERO).any())
        if not self.integer and Form.DECIMAL_COMMA in self.commas:
            pattern = COMMA_PATTERNS[Form.DECIMAL_COMMA]
            if not (text.head(CHEAP_LOOK).str.contains(pattern).all() and text.str.contains(pattern).all()):
                self.commas.remove(Form.DECIMAL_COMMA)

    def _observe_odd(self, odd: pl.Series) -> None:
        spaced_numbers = odd.cast(pl.Float64, strict=False).is_not_null()
        if spaced_numbers.any():
            self.boolean, self.dates = False, ()
            self._observe_numbers(odd.filter(spaced_numbers))
            odd = odd.filter(~spaced_numbers)
        if not len(odd):
            return
        self.not_numbers += len(odd)
        self._observe_commas(odd)
        self.boolean = self.boolean and bool(odd.str.to_lowercase().is_in(["true", "false"]).all())
        self._observe_dates(odd)

    def _observe_commas(self, odd: pl.Series) -> None:
        self.commas = [form for form in self.commas if odd.str.contains(COMMA_PATTERNS[form]).all()]
        self.surely_decimal_comma = self.commas == [Form.DECIMAL_COMMA]

    def _observe_dates(self, odd: pl.Series) -> None:
        if self.dates is None:
            self.dates = tuple(Reading(form, pattern) for form, pattern in ALL_DATE_FORMATS)
        if self.dates and odd.str.len_bytes().max() <= LONGEST_DATE:  # type: ignore[operator]  # lengths are integers
            self.dates = dates_fitting(odd.head(CHEAP_LOOK), self.dates)
            self.dates = dates_fitting(odd, self.dates)
        else:
            self.dates = ()

    def reading(self, *, decimal_comma: bool, numbers: bool) -> Reading:
        if self.seen == 0:
            return Reading(Form.EMPTY)
        if self.not_numbers == 0 and numbers:
            form = Form.INTEGER if self.integer else Form.NUMBER
            return Reading(Form.TEXT if self._digits_that_are_no_number else form, strip=self.spaced)
        if self.not_numbers and self.boolean:
            return Reading(Form.BOOLEAN, strip=self.spaced)
        if self.not_numbers and self.dates:
            return Reading(self.dates[0].form, self.dates[0].pattern, strip=self.spaced)
        if self.not_numbers and self.commas and numbers:
            preferred = Form.DECIMAL_COMMA if decimal_comma else Form.THOUSANDS
            return Reading(preferred if preferred in self.commas else self.commas[0], strip=self.spaced)
        return Reading(Form.TEXT, strip=self.spaced)

    def note(self, name: str, reading: Reading, *, numbers: bool, lines: Mapping[int, int]) -> str:
        """What a reader of the file should know about how the column was read, or nothing."""
        if reading.form in COMMA_PATTERNS:
            return f"column {name!r}: numbers with {reading.form}"
        if reading.form in (Form.DATE, Form.DATETIME) and self.dates and _day_or_month(self.dates):
            return f"column {name!r}: dates read as {reading.pattern}; the day or the month could come first"
        if reading.form is Form.TEXT and 0 < self.not_numbers <= self.seen / 2:
            where = [f"{text[:LONGEST_SHOWN]!r} in row {lines.get(row, row + 1):,}" for row, text in self.odd]
            more = [f"{self.not_numbers - len(self.odd):,} more"] if self.not_numbers > len(self.odd) else []
            return (
                f"column {name!r}: {self.not_numbers:,} of {self.seen:,} values are not numbers, so all are read as text: "
                f"{', '.join([*where, *more])}"
            )
        if reading.form is Form.TEXT and (looks_like := _as_they_look([text for _, text in self.odd])):
            return f"column {name!r}: {looks_like}, read as text: {self.odd[0][1][:LONGEST_SHOWN]!r}, ..."
        if (
            reading.form is Form.TEXT
            and self._digits_that_are_no_number
            and self.not_numbers == 0
            and numbers
        ):
            what = "with leading zeros" if self.leading_zero else "beyond 64 bits"
            return f"column {name!r}: whole numbers {what}, read as text to keep every digit"
        return ""

    @property
    def _digits_that_are_no_number(self) -> bool:
        return self.integer and (self.leading_zero or self.beyond_64_bits)


def _as_they_look(texts: Sequence[str]) -> str:
    """What the values would be if they were written otherwise, or nothing."""
    values = pl.Series("value", texts, dtype=pl.String)
    if not len(values):
        return ""
    if values.str.contains(WITH_SIGN).all():
        return "numbers with a sign of percent or money"
    if not values.str.contains(LIKE_DATE).all():
        return ""
    fits = (
        Reading(form, pattern).expression("value").is_not_null().alias(f"{form} {pattern}")
        for form, pattern in ALL_DATE_FORMATS
    )
    dates = values.to_frame().select(pl.any_horizontal(*fits)).to_series()
    return "dates written in more than one way" if dates.all() else ""


def _day_or_month(dates: tuple[Reading, ...]) -> bool:
    orders = {
        r.pattern.index("%d") < r.pattern.index("%m")
        for r in dates
        if "%d" in r.pattern and "%m" in r.pattern
    }
    return len(orders) == 2
