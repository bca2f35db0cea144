"""The quick way for few rows gives what the way by frames gives."""

from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data_platform.api import ColumnChoices, MissingPolicy, Preprocessor, frame_table

RNG = np.random.default_rng(0)
TRAINING = pl.DataFrame(
    {
        "amount": RNG.normal(100, 20, 300),
        "items": RNG.integers(1, 9, 300),
        "gaps": [None if i % 7 == 0 else float(i % 13) for i in range(300)],
        "paid": [i % 3 == 0 for i in range(300)],
        "country": [("DE", "FR", "IT", None)[i % 4] if i % 10 else "KP" for i in range(300)],
        "code": [str(100 + i % 5) for i in range(300)],
    }
)
NUMBERS = st.one_of(
    st.none(), st.floats(allow_nan=False, allow_infinity=False), st.integers(-(2**70), 2**70), st.booleans()
)
CATEGORIES = st.one_of(
    st.none(), st.sampled_from(["DE", "KP", " FR ", "", "105", "xx"]), st.integers(90, 110), st.booleans()
)
ROW = st.fixed_dictionaries(
    dict.fromkeys(("amount", "items", "gaps", "paid"), NUMBERS)
    | dict.fromkeys(("country", "code"), CATEGORIES)
)
FITTED = {
    (one_hot, policy): Preprocessor.fit(
        TRAINING, ColumnChoices(missing=policy, categorical=("code",)), one_hot=one_hot
    )
    for one_hot in (False, True)
    for policy in (MissingPolicy.INDICATOR, MissingPolicy.MEDIAN, MissingPolicy.ZERO)
}


@pytest.mark.parametrize("fitted", FITTED.values(), ids=map(str, FITTED))
@settings(deadline=None)
@given(rows=st.lists(ROW, min_size=1, max_size=4))
def test_rows_and_their_frame_become_the_same_numbers(
    fitted: Preprocessor, rows: list[dict[str, Any]]
) -> None:
    quick = fitted.transform_rows(rows)
    if quick is not None:
        [frame] = frame_table(rows).batches()
        np.testing.assert_allclose(quick, fitted.transform(frame), rtol=1e-12, atol=0)


@pytest.mark.parametrize("fitted", FITTED.values(), ids=map(str, FITTED))
def test_ordinary_rows_take_the_quick_way(fitted: Preprocessor) -> None:
    rows = TRAINING.to_dicts()
    quick = fitted.transform_rows(rows)
    assert quick is not None
    np.testing.assert_allclose(quick, fitted.transform(TRAINING), rtol=1e-12)
    assert quick.flags.c_contiguous


@pytest.mark.parametrize(
    "change", [{"amount": "12"}, {"country": 1.5}, {"country": " DE"}, {"amount": 10**400}]
)
def test_what_needs_a_frame_is_left_to_it(change: dict[str, Any]) -> None:
    fitted = FITTED[False, MissingPolicy.INDICATOR]
    row = TRAINING.row(1, named=True)
    assert fitted.transform_rows([row]) is not None
    assert fitted.transform_rows([row | change]) is None
    assert fitted.transform_rows([{name: row[name] for name in row if name != "items"}]) is None


def test_dates_and_refused_gaps_are_left_to_a_frame() -> None:
    refusing = Preprocessor.fit(
        TRAINING.select("amount", "code"), ColumnChoices(missing=MissingPolicy.REFUSE)
    )
    assert refusing.transform_rows([{"amount": 1.0, "code": "100"}]) is None


def test_an_array_of_plain_numbers_becomes_what_its_frame_does() -> None:
    frame = TRAINING.select("amount", "gaps")
    fitted = Preprocessor.fit(frame, ColumnChoices())
    assert fitted.number_columns == ("amount", "gaps")
    np.testing.assert_array_equal(fitted.transform_numbers(frame.to_numpy()), fitted.transform(frame))
    assert FITTED[False, MissingPolicy.INDICATOR].number_columns is None
