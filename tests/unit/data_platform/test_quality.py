"""What is wrong with a table is found and said in figures; what is fine is not called wrong."""

import numpy as np
import polars as pl
import pytest

from data_platform.domain.findings import Check, Finding, Result
from data_platform.domain.preprocessor import Preprocessor
from data_platform.domain.quality import DataQualityChecker
from data_platform.domain.schema import ColumnChoices, SchemaMismatch

ROWS = 1_000
RANDOM = np.random.default_rng(0)
SOUND = pl.DataFrame({"a": RANDOM.normal(size=ROWS), "b": RANDOM.choice(["x", "y"], ROWS)})


def failures(frame: pl.DataFrame, check: Check) -> list[Finding]:
    return [f for f in DataQualityChecker()(frame) if f.check is check and f.result is Result.FAILED]


def test_a_sound_table_passes_every_check() -> None:
    findings = DataQualityChecker(Preprocessor.fit(SOUND, ColumnChoices()))(SOUND)
    assert [f.check for f in findings] == list(Check)
    assert {f.result for f in findings} == {Result.PASSED}
    assert not any(f.is_warning for f in findings)


def test_codes_that_somebody_called_categories_are_no_numbers_with_gaps() -> None:
    codes = pl.DataFrame({"code": ["7", "8"] * 480 + ["x50"] * 40, "site": [1, 2] * 498 + [10**9] * 4})
    wrong = [f.check for f in DataQualityChecker()(codes) if f.result is Result.FAILED and f.column]
    assert wrong == [Check.MISSING, Check.MIXED_TYPE, Check.OUT_OF_RANGE]

    found = DataQualityChecker(categorical=("code", "site"))(codes)

    assert [f.check for f in found if f.result is Result.FAILED and f.column] == [Check.MIXED_TYPE]


def test_drift_is_not_judged_without_training_rows() -> None:
    assert Check.DRIFTED not in [f.check for f in DataQualityChecker()(SOUND)]


@pytest.mark.parametrize(("gaps", "is_warning"), [(20, False), (100, True)])
def test_gaps_are_counted_and_many_are_a_warning(gaps: int, is_warning: bool) -> None:
    values = np.where(np.arange(ROWS) < gaps, np.nan, RANDOM.normal(size=ROWS))
    (found,) = failures(SOUND.with_columns(a=values), Check.MISSING)
    assert (found.column, found.rows, found.is_warning) == ("a", gaps, is_warning)
    assert f"{gaps} of 1,000 rows have no usable value" in found.sentence


def test_rows_that_repeat_others_are_counted() -> None:
    (found,) = failures(pl.concat([SOUND, SOUND.head(7)]), Check.DUPLICATE_ROWS)
    assert found.rows == 7


def test_a_constant_column_is_named_with_its_value() -> None:
    (found,) = failures(SOUND.with_columns(c=pl.lit(4)), Check.CONSTANT)
    assert found.sentence == "c: 4 in every row that has a value"


def test_numbers_and_texts_in_one_column_are_told_apart() -> None:
    values = [f"{i}" for i in range(980)] + ["n.v."] * 20
    (found,) = failures(SOUND.with_columns(c=pl.Series(values)), Check.MIXED_TYPE)
    assert (found.column, found.rows) == ("c", 20)
    assert "980 numbers and 20 texts (first: 'n.v.')" in found.sentence


def test_values_far_outside_are_counted_with_the_furthest() -> None:
    values = RANDOM.normal(size=ROWS)
    values[:3] = [1e6, -400, 300]
    (found,) = failures(SOUND.with_columns(a=values), Check.OUT_OF_RANGE)
    assert found.rows == 3
    assert "furthest: 1e+06" in found.sentence


def test_a_heavy_tail_is_not_out_of_range() -> None:
    assert failures(pl.DataFrame({"a": RANDOM.exponential(size=ROWS)}), Check.OUT_OF_RANGE) == []


def test_columns_that_moved_since_training_are_named_and_no_others() -> None:
    checker = DataQualityChecker(Preprocessor.fit(SOUND, ColumnChoices()))
    findings = checker(SOUND.with_columns(pl.col("a") * 4))
    (found,) = [f for f in findings if f.check is Check.DRIFTED]
    assert (found.column, found.result) == ("a", Result.FAILED)
    assert "population stability index" in found.sentence


def test_new_rows_of_the_same_kind_have_not_moved() -> None:
    checker = DataQualityChecker(Preprocessor.fit(SOUND, ColumnChoices()))
    other = pl.DataFrame({"a": RANDOM.normal(size=200), "b": RANDOM.choice(["x", "y"], 200)})
    assert [f.result for f in checker(other) if f.check is Check.DRIFTED] == [Result.PASSED]


def test_a_column_mostly_of_one_value_has_not_moved_from_itself() -> None:
    frame = pl.DataFrame(
        {"a": np.where(np.arange(ROWS) % 20 == 0, 5.0, 0.0) + np.where(np.arange(ROWS) == 3, 1, 0)}
    )
    findings = DataQualityChecker(Preprocessor.fit(frame, ColumnChoices()))(frame)
    assert [f.result for f in findings if f.check is Check.DRIFTED] == [Result.PASSED]


def test_drift_needs_the_columns_of_training() -> None:
    checker = DataQualityChecker(Preprocessor.fit(SOUND, ColumnChoices()))
    with pytest.raises(SchemaMismatch):
        checker(SOUND.drop("a"))


def test_an_empty_table_has_nothing_wrong_that_could_be_counted() -> None:
    assert all(f.rows == 0 for f in DataQualityChecker()(SOUND.head(0)))
