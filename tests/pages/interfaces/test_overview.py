"""The overview: numbers that compare and lead on, over a range that the reader chooses."""

import re

import pytest

from tests.support.pages import Pages


@pytest.fixture
def page(browse: Pages) -> str:
    return browse.again("analyst").get("/").text


def test_each_number_leads_to_the_list_behind_it(browse: Pages, page: str) -> None:
    cards = re.findall(r'<a href="(/t/acme[^"]+)" class="figure-card"><span class="name">([^<]+)', page)
    assert [name for _, name in cards] == [
        "Anomalies",
        "Anomaly rate",
        "Detectors healthy",
        "Data freshness",
        "Label precision",
    ]
    for href, _ in cards:
        assert browse.again("analyst").get(f"/{href}").status_code == 200


def test_courses_have_24_steps(page: str) -> None:
    sparks = re.findall(r'<svg class="spark".*?</svg>', page, re.DOTALL)
    assert len(sparks) == 4
    assert all(spark.count("<rect") == 24 for spark in sparks)


def test_it_comes_anew_by_itself_where_that_was_asked_for(browse: Pages, page: str) -> None:
    analyst = browse.again("analyst")
    href = re.search(r'id="auto-refresh" href="([^"]+)"', page)
    assert href is not None
    assert 'http-equiv="refresh"' not in page
    assert "data-every" not in page
    fresh = analyst.get(f"/{href[1]}").text
    assert '<noscript><meta http-equiv="refresh" content="60"></noscript>' in fresh
    assert 'data-every="60"' in fresh
    part = analyst.get("/?refresh=on", fragment="overview").text
    assert part.startswith('<div class="stack" id="overview">')


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("range=1h", "in the hour before"),
        ("from=2026-01-01&to=2026-01-02", "in the 2 days before"),
        ("to=2026-01-02", "in the day before"),
        ("from=&to=", "in the 7 days before"),
        ("from=2026-01-03&to=2026-01-02", "It is after the last day."),
    ],
)
def test_the_range_is_the_last_hours_or_whole_days(browse: Pages, query: str, words: str) -> None:
    assert words in browse.again("analyst").get(f"/?{query}").text


@pytest.mark.parametrize("query", ["range=2h", "from=soon", "from=0001-01-01", "to=9999-12-31", "refresh=1"])
def test_a_range_that_nobody_can_mean_is_refused(browse: Pages, query: str) -> None:
    assert browse.again("analyst").get(f"/?{query}").status_code == 422
