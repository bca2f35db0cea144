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


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("datasets?sort=x", "&#39;sort&#39; in the address is one of -created_at, name, -name, rows, -rows."),
        ("?range=2h", "&#39;range&#39; in the address is one of 1h, 24h, 7d, 30d."),
        ("?from=soon", "&#39;from&#39; in the address is a day such as 2026-01-31."),
        ("?from=0001-01-01", "&#39;from&#39; in the address should be greater than or equal to 2000-01-01."),
        ("?to=9999-12-31", "&#39;to&#39; in the address should be less than or equal to 2999-12-31."),
        ("?refresh=1", "&#39;refresh&#39; in the address is on."),
        (
            "jobs?state=lost",
            "&#39;state&#39; in the address is one of queued, running, succeeded, failed, cancelled.",
        ),
        ("jobs?limit=many", "&#39;limit&#39; in the address is a whole number."),
        ("runs?state=lost", "&#39;state&#39; in the address has a form that is not understood."),
    ],
)
def test_a_value_of_the_address_that_nobody_can_mean_is_refused_in_words(
    browse: Pages, query: str, words: str
) -> None:
    answer = browse.again("analyst").get(f"/{query}")
    assert answer.status_code == 422
    assert f"<p>{words}</p>" in answer.text


def test_it_shows_what_may_be_read_and_leads_nowhere_else(browse: Pages) -> None:
    fields = {"name": "barely", "permissions": ["datasets:read", "runs:read"]}
    browse("tenant_admin").post("/settings/roles/new", fields)
    page = browse("barely").get("/").text
    cards = re.findall(r'class="figure-card"><span class="name">([^<]+)', page)
    assert cards == ["Anomalies", "Anomaly rate", "Data freshness"]
    assert 'href="/t/acme/labels' not in page
    assert "Labelled" not in page


def test_a_range_in_which_nothing_ran_is_no_place_without_runs(browse: Pages) -> None:
    page = browse.again("viewer").get("/?from=2026-01-01&to=2026-01-02").text
    assert "Nothing ran in this time range" in page
    assert 'href="/t/acme/detectors/new"' not in page
