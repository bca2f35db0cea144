"""The matrix is finite, the same before and after storage, and explains itself in the table's own terms."""

import json
from datetime import datetime, timedelta
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data_platform.domain.features import Part, UsualCategories, UsualNumbers
from data_platform.domain.preprocessor import Matrix, Preprocessor
from data_platform.domain.schema import ColumnChoices, MissingPolicy, MissingRefused, SchemaMismatch

ROWS = 400
RANDOM = np.random.default_rng(1)


def table() -> pl.DataFrame:
    with_gaps = RANDOM.normal(size=ROWS)
    with_gaps[::50] = np.nan
    return pl.DataFrame(
        {
            "amount": RANDOM.normal(100, 10, ROWS),
            "active": RANDOM.random(ROWS) < 0.1,
            "gaps": with_gaps,
            "country": RANDOM.choice(["DE", "FR", "KP"], ROWS, p=[0.6, 0.38, 0.02]),
            "paid_at": [datetime(2024, 1, 1) + timedelta(hours=i) for i in range(ROWS)],
        }
    )


TABLE = table()
FITTED = Preprocessor.fit(TABLE, ColumnChoices())
NUMBERS = pl.DataFrame({"a": RANDOM.normal(size=ROWS), "b": RANDOM.normal(size=ROWS)})


def fitted(values: object, policy: MissingPolicy = MissingPolicy.INDICATOR) -> Preprocessor:
    return Preprocessor.fit(pl.DataFrame({"x": values}, strict=False), ColumnChoices(missing=policy))


def prepared(values: object, to: object, policy: MissingPolicy = MissingPolicy.INDICATOR) -> list[Any]:
    rows: list[Any] = fitted(values, policy).transform(pl.DataFrame({"x": to}, strict=False)).tolist()
    return rows


def test_the_matrix_is_finite_contiguous_and_described_by_its_features() -> None:
    x = FITTED.transform(TABLE)
    assert x.dtype == np.float64
    assert x.flags.c_contiguous
    assert np.isfinite(x).all()
    assert [feature.name for feature in FITTED.features] == [
        "amount", "active", "gaps", "gaps is missing", "country", "paid_at hour", "paid_at weekday",
    ]  # fmt: skip
    assert x.shape == (ROWS, len(FITTED.features))
    assert FITTED.sources == ("amount", "active", "gaps", "country", "paid_at")


@pytest.mark.parametrize("one_hot", [False, True])
def test_a_restored_preprocessor_gives_the_same_bits(one_hot: bool) -> None:
    before = Preprocessor.fit(TABLE, ColumnChoices(), one_hot=one_hot)
    values, arrays = before.state()
    after = Preprocessor.restore(json.loads(json.dumps(values)), arrays)
    assert after.transform(TABLE).tobytes() == before.transform(TABLE).tobytes()
    assert after.features == before.features
    assert after.usual == before.usual
    assert after.decisions == before.decisions


@pytest.mark.parametrize("broken", ["decisions", "numbers", "categories", "calendars", "missing"])
def test_a_state_without_one_of_its_parts_is_refused(broken: str) -> None:
    values, arrays = FITTED.state()
    del values[broken]
    with pytest.raises((KeyError, TypeError, ValueError)):
        Preprocessor.restore(values, arrays)


def test_a_state_whose_arrays_do_not_fit_is_refused() -> None:
    values, arrays = FITTED.state()
    with pytest.raises(ValueError, match="differ in length"):
        Preprocessor.restore(values, arrays | {"fill": np.zeros(99)})


def test_a_row_alone_is_prepared_as_in_its_table() -> None:
    whole = FITTED.transform(TABLE)
    assert np.array_equal(FITTED.transform(TABLE[17:18]), whole[17:18])


def test_the_order_of_columns_and_further_ones_do_not_matter() -> None:
    shuffled = TABLE.select(reversed(TABLE.columns)).with_columns(further=pl.lit("x"))
    assert np.array_equal(FITTED.transform(shuffled), FITTED.transform(TABLE))


def test_missing_values_become_the_median_and_an_indicator() -> None:
    assert prepared([1.0, 2.0, 6.0, None, 9.0], [None, 5.0]) == [[4.0, 1.0], [5.0, 0.0]]


def test_missing_values_that_training_did_not_have_become_the_median() -> None:
    assert prepared([1.0, 2.0, 6.0], [None]) == [[2.0]]


@pytest.mark.parametrize(
    ("policy", "expected"), [(MissingPolicy.MEDIAN, [[4.0]]), (MissingPolicy.ZERO, [[0.0]])]
)
def test_the_policy_says_what_stands_in(policy: MissingPolicy, expected: list[list[float]]) -> None:
    assert prepared([1.0, 2.0, 6.0, None, 9.0], [None], policy) == expected
    assert prepared([1.0, 2.0, 6.0, None, 9.0], [float("inf")], policy) == expected


def test_a_policy_may_refuse_gaps() -> None:
    with pytest.raises(MissingRefused, match="'x' has 2 missing or infinite values"):
        prepared([1.0, 2.0, 6.0], [None, float("inf"), 1.0], MissingPolicy.REFUSE)


def test_infinite_values_count_as_missing_where_training_had_gaps() -> None:
    assert prepared([1.0, 2.0, 6.0, float("inf"), 9.0], [float("-inf")]) == [[4.0, 1.0]]


def test_infinite_values_elsewhere_lie_far_outside() -> None:
    low, high = prepared([0.0, 1.0, 2.0], [float("-inf"), float("inf")])
    assert low[0] < -1e5
    assert high[0] > 1e5


def test_a_constant_with_gaps_is_a_feature_by_its_gaps() -> None:
    fit = fitted(["yes", None] * 20)
    assert fit.transform(pl.DataFrame({"x": ["yes", None]})).shape == (2, 1)
    numbers = fitted([3.0, None] * 20)
    assert [feature.part for feature in numbers.features] == [Part.MISSING]
    assert numbers.transform(pl.DataFrame({"x": [3.0, None]})).tolist() == [[0.0], [1.0]]


def test_huge_magnitudes_stay_finite_when_squared() -> None:
    x = fitted([1e300, -1e308, 5.0, 1.0]).transform(pl.DataFrame({"x": [1e300, -1e308, 5.0]}))
    assert np.isfinite((x**2).sum())


def test_what_is_usual_of_huge_magnitudes_is_finite() -> None:
    usual = fitted([1e308, -1e308] * 20).usual["x"]
    assert isinstance(usual, UsualNumbers)
    assert np.isfinite([usual.low, usual.median, usual.high]).all()


def test_rarity_is_the_logarithm_of_the_share_and_higher_for_unseen_values() -> None:
    values = ["a"] * 90 + ["b"] * 10
    assert np.allclose(prepared(values, ["a", "b", "never"]), [[-np.log10(0.9)], [1.0], [np.log10(101)]])


def test_missing_is_a_category_of_its_own() -> None:
    values = ["a"] * 50 + ["b"] * 49 + [None]
    assert np.allclose(prepared(values, [None, ""]), [[2.0], [2.0]])


def test_one_hot_gives_the_commonest_values_a_column_and_the_rest_one() -> None:
    values = [f"v{i:02d}" for i in range(30) for _ in range(30 - i if i < 29 else 2)]
    fit = Preprocessor.fit(pl.DataFrame({"x": values}), ColumnChoices(), one_hot=True)
    assert len(fit.features) == 21
    assert fit.features[0].name == "x = v00"
    assert fit.features[-1].name == "x = another value"
    x = fit.transform(pl.DataFrame({"x": ["v00", "v29", "never"]}))
    assert x.sum(axis=1).tolist() == [1.0, 1.0, 1.0]
    assert x[:, 0].tolist() == [1.0, 0.0, 0.0]
    assert x[:, -1].tolist() == [0.0, 1.0, 1.0]


@pytest.mark.parametrize(
    "values",
    [
        pl.Series([1, 2, 3], dtype=pl.Int8),
        pl.Series([1, 2, 3], dtype=pl.UInt64),
        pl.Series(["1", " 2 ", "3.0"]),
        pl.Series(["1", "2", "3"]).cast(pl.Decimal(10, 2)),
        pl.Series(["1", "2", "3"], dtype=pl.Categorical),
        pl.Series([1, 2, 3], dtype=pl.Float32),
    ],
)
def test_numbers_of_another_type_are_the_same_numbers(values: pl.Series) -> None:
    assert prepared([0.5, 2.5, 1.5], values) == [[1.0], [2.0], [3.0]]


@pytest.mark.parametrize("values", [[True, False], [1, 0], ["true", "FALSE"], [1.0, 0.0]])
def test_truths_of_another_type_are_the_same_truths(values: list[object]) -> None:
    assert prepared([True, False, True], values) == [[1.0], [0.0]]


def test_whole_numbers_as_categories_match_whatever_their_type() -> None:
    fit = Preprocessor.fit(pl.DataFrame({"x": [1] * 9 + [2]}), ColumnChoices(categorical=("x",)))
    expected = fit.transform(pl.DataFrame({"x": [1, 2]}))
    assert np.array_equal(fit.transform(pl.DataFrame({"x": [1.0, 2.0]})), expected)
    assert np.array_equal(fit.transform(pl.DataFrame({"x": ["1", "2 "]})), expected)


def test_times_with_a_zone_are_read_on_its_clock() -> None:
    stamps = [datetime(2024, 1, 1) + timedelta(hours=5 * i) for i in range(100)]
    utc = pl.Series("t", stamps).dt.replace_time_zone("UTC")
    fit = Preprocessor.fit(pl.DataFrame({"t": utc}), ColumnChoices())
    there = pl.DataFrame({"t": utc.dt.convert_time_zone("Asia/Tokyo")})
    assert np.array_equal(fit.transform(there), fit.transform(pl.DataFrame({"t": utc})))


def test_a_mismatch_names_missing_unknown_and_wrongly_typed_columns() -> None:
    other = TABLE.rename({"amount": "amout"}).with_columns(active=pl.lit("maybe"), paid_at=pl.lit(3))
    with pytest.raises(SchemaMismatch) as refused:
        FITTED.transform(other)
    assert "missing: 'amount' (nearest: 'amout')" in refused.value.detail
    assert "'active' ('maybe' is not a number)" in refused.value.detail
    assert "'paid_at' (numbers instead of dates)" in refused.value.detail
    assert "unknown to the model: 'amout'" in refused.value.detail
    assert refused.value.facts["missing"] == ("amount",)


def test_observed_values_stand_beside_what_is_usual() -> None:
    observed = FITTED.observed(TABLE[:2])
    assert set(observed[0]) == set(FITTED.usual) == {feature.source for feature in FITTED.features}
    assert observed[0]["amount"] == TABLE["amount"][0]
    assert observed[0]["gaps"] is None
    assert observed[1]["paid_at hour"] == 1
    assert observed[1]["active"] in ("true", "false")


def test_usual_values_are_those_of_training() -> None:
    amount, active, country = (FITTED.usual[name] for name in ("amount", "active", "country"))
    assert isinstance(amount, UsualNumbers)
    assert [amount.low, amount.median, amount.high] == pytest.approx(
        np.quantile(TABLE["amount"], [0.05, 0.5, 0.95])
    )
    assert isinstance(active, UsualCategories)
    assert active.shares["true"] == pytest.approx(TABLE["active"].mean())
    assert isinstance(country, UsualCategories)
    assert sum(country.shares.values()) == pytest.approx(1)
    assert FITTED.usual["gaps"].missing_share == 0.02


def assert_same(found: Matrix | None, expected: Matrix) -> None:
    assert found is not None
    assert np.array_equal(found, expected)


def test_the_quick_way_gives_the_same_matrix_or_none() -> None:
    fit = Preprocessor.fit(NUMBERS, ColumnChoices())
    x = NUMBERS.to_numpy(order="c")
    assert_same(fit.transform_array(x), fit.transform(NUMBERS))
    assert fit.transform_array(np.array([[np.nan, 1.0]])) is None
    assert fit.transform_array(np.array([[np.inf, 1.0]])) is None
    assert fit.transform_array(x[:, :1]) is None
    assert FITTED.transform_array(np.zeros((1, TABLE.width))) is None


def test_the_quick_way_leaves_out_what_training_left_out() -> None:
    frame = NUMBERS.insert_column(1, pl.Series("constant", [7.0] * ROWS))
    fit = Preprocessor.fit(frame, ColumnChoices())
    assert_same(fit.transform_array(frame.to_numpy()), fit.transform(frame))


def test_a_table_of_no_rows_gives_a_matrix_of_none() -> None:
    assert FITTED.transform(TABLE.head(0)).shape == (0, len(FITTED.features))


def test_moved_columns_are_told_from_unmoved_ones() -> None:
    moved = FITTED.drift(TABLE.with_columns(pl.col("amount") + 15, country=pl.lit("KP")))
    assert moved["amount"] > 0.25
    assert moved["country"] > 0.25
    assert moved["gaps"] == 0


ANYTHING = st.one_of(
    st.none(), st.floats(allow_nan=True, allow_infinity=True), st.integers(-(2**63), 2**63 - 1).map(float)
)


@settings(max_examples=60, deadline=None)
@given(
    train=st.lists(ANYTHING, min_size=2, max_size=30),
    use=st.lists(ANYTHING, max_size=10),
    policy=st.sampled_from(list(MissingPolicy)[:3]),
)
def test_whatever_numbers_come_the_matrix_is_finite(
    train: list[float | None], use: list[float | None], policy: MissingPolicy
) -> None:
    frame = pl.DataFrame({"anchor": np.arange(len(train)) % 2 + 0.5, "x": pl.Series(train, dtype=pl.Float64)})
    fit = Preprocessor.fit(frame, ColumnChoices(missing=policy))
    other = pl.DataFrame({"anchor": np.zeros(len(use)), "x": pl.Series(use, dtype=pl.Float64)})
    assert np.isfinite(fit.transform(frame)).all()
    assert np.isfinite(fit.transform(other)).all()
