import pytest

from anomaly_detection.application.model_report import common_words


@pytest.mark.parametrize(
    ("reasons", "words"),
    [
        (["constant: 3.0 in every row"], "constant: 3.0 in every row"),
        (["numeric; 1 of 500 missing", "numeric; 29 of 500 missing"], "numeric; 1 to 29 of 500 missing"),
        (["4 categories", "1,200 categories"], "4 to 1,200 categories"),
        (["unique per row"], "unique per row"),
    ],
)
def test_reasons_that_differ_in_numbers_only_are_said_once(reasons: list[str], words: str) -> None:
    assert common_words(reasons) == words
