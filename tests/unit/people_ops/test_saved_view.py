import pytest

from people_ops.domain.saved_view import InvalidView, checked_page, checked_query


@pytest.mark.parametrize("page", ["/runs", "/datasets/card-payments/rows", "/runs/run_01J8ZC5QX4"])
def test_pages_of_ours_are_taken(page: str) -> None:
    assert checked_page(page) == page


@pytest.mark.parametrize(
    "page", ["", "runs", "//evil", "/a/../b", "/runs?x=1", "/runs#x", "/é", "/a\n", "/\\evil"]
)
def test_other_pages_are_refused(page: str) -> None:
    with pytest.raises(InvalidView):
        checked_page(page)


def test_a_query_keeps_its_filters_and_loses_the_place_in_the_list() -> None:
    assert checked_query("?state=failed&cursor=abc&sort=-at&chart=x&q=a%20b") == "state=failed&sort=-at&q=a+b"


@pytest.mark.parametrize("query", ["q=" + "x" * 2000, "q=" + "é" * 400, "\x00"])
def test_a_query_that_is_too_long_is_refused(query: str) -> None:
    with pytest.raises(InvalidView):
        checked_query(query)
