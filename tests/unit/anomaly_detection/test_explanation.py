import pytest

from anomaly_detection.domain.explanation import Contribution, number, ranked, sentence
from data_platform.api import Observed, Usual, UsualCategories, UsualNumbers

AMOUNT = UsualNumbers(low=40, median=120, high=310, missing_share=0.002)
COUNTRY = UsualCategories(shares={"DE": 0.9, "KP": 0.0002}, rest=0.0, missing_share=0.01)


@pytest.mark.parametrize(
    ("value", "usual", "words"),
    [
        (9820.0, AMOUNT, "x 9,820 is far above its usual 40-310"),
        (320, AMOUNT, "x 320 is above its usual 40-310"),
        (2.5, AMOUNT, "x 2.5 is below its usual 40-310"),
        (-4000, AMOUNT, "x -4,000 is far below its usual 40-310"),
        (100, AMOUNT, "x 100 adds to it, though within its usual 40-310"),
        (300, AMOUNT, "x 300 is at the upper end of its usual 40-310"),
        (45, AMOUNT, "x 45 is at the lower end of its usual 40-310"),
        (None, AMOUNT, "x is missing (0.2 %)"),
        (float("nan"), AMOUNT, "x is missing (0.2 %)"),
        (1, UsualNumbers(-2, 0, -1, 0), "x 1 is far above its usual -2 to -1"),
        (7, UsualNumbers(5, 5, 5, 0), "x 7 is far above its usual 5"),
        (
            20260101.0,
            UsualNumbers(20251201, 20251205, 20251231, 0),
            "x 20,260,101 is far above its usual 20,251,201-20,251,231",
        ),
        (
            1700000123.5,
            UsualNumbers(1.7e9, 1.7e9, 1700000100.0, 0),
            "x 1,700,000,123.5 is above its usual 1,700,000,000-1,700,000,100",
        ),
        ("KP", COUNTRY, "x 'KP' is rare (0.02 %)"),
        ("DE", COUNTRY, "x 'DE' adds to it beside the other columns (90 %)"),
        ("XX", COUNTRY, "x 'XX' was not seen in training"),
        (None, COUNTRY, "x is missing (1 %)"),
    ],
)
def test_a_value_is_put_beside_what_is_usual(value: Observed, usual: Usual, words: str) -> None:
    assert Contribution("x", 1.0, value, usual).words == words


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (9820, "9,820"),
        (0.0123456, "0.01235"),
        (1234.5, "1,234"),
        (1.2e12, "1.2e+12"),
        (0.0, "0"),
        (-0.5, "-0.5"),
    ],
)
def test_numbers_keep_four_digits(value: float, text: str) -> None:
    assert number(value) == text


def test_the_sentence_names_the_largest_contributions_and_no_negligible_ones() -> None:
    found = ranked(
        ["a", "b", "c", "d", "e"],
        [0.02, 5.0, -1.0, 2.0, 1.0],
        observed={"a": 1, "b": 900, "c": 100, "d": 500, "e": 20},
        usual=dict.fromkeys("abcde", AMOUNT),
    )
    assert [c.column for c in found] == ["b", "d", "e", "a", "c"]
    assert sentence(found) == (
        "b 900 is far above its usual 40-310; d 500 is above its usual 40-310; e 20 is below its usual 40-310"
    )


def test_a_column_that_adds_nothing_is_not_called_unusual() -> None:
    found = ranked(["a", "b"], [5.0, 0.0], observed={"a": 900, "b": 100}, usual=dict.fromkeys("ab", AMOUNT))
    assert [c.words for c in found] == ["a 900 is far above its usual 40-310", "b is nothing unusual here"]


def test_a_row_that_no_column_makes_unusual_says_so() -> None:
    assert sentence([Contribution("a", 0.0, 1, AMOUNT)]) == "no single column stands out"
