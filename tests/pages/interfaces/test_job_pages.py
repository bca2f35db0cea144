"""Pages follow jobs, and stop them."""

import re
from threading import Timer

import pytest

from people_ops.domain.permissions import Role
from tests.support.pages import Browser, Pages


def profiling(browse: Pages) -> tuple[Browser, str]:
    """Somebody who asked for a profile that has not begun, and the address of its events below the tenant's."""
    ana, dataset = browse.again(Role.ANALYST), browse.acme.ids["dataset"]
    browse.town.work()
    page = ana.follow(ana.post(f"/datasets/{dataset}/profile")).text
    found = re.search(r'data-job="/t/acme([^"]+)"', page)
    assert found is not None
    return ana, found[1].replace("&amp;", "&")


def test_the_events_of_a_job_are_fragments_and_end_with_done(browse: Pages) -> None:
    ana, events = profiling(browse)
    Timer(0.2, browse.town.work).start()
    answer = ana.get(events)
    assert answer.headers["content-type"].startswith("text/event-stream")
    first, *_, last, nothing = answer.text.split("\n\n")
    assert first.startswith("event: job\ndata: <progress")
    assert "Profiling: waiting for a worker" in first
    assert (last, nothing) == ("event: done\ndata: over", "")


def test_words_in_the_address_are_text(browse: Pages) -> None:
    ana, events = profiling(browse)
    browse.town.work()
    job, _, _ = events.partition("?")
    assert "<img" not in ana.get(f"{job}?what=<img src=x>").text
    assert ana.get(f"{job}?what={'x' * 81}").status_code == 422


def test_a_job_is_cancelled_and_leads_back(browse: Pages) -> None:
    ana, events = profiling(browse)
    job = events.partition("/events")[0]
    here = f"/t/acme/datasets/{browse.acme.ids['dataset']}"
    answer = ana.post(f"{job}/cancellation", {"back": here})
    assert answer.headers["location"] == here
    assert "It was cancelled." in ana.follow(answer).text
    again = ana.post(f"{job}/cancellation", {"back": "https://evil.example"})
    assert again.headers["location"] == "/t/acme/"


def test_a_viewer_follows_and_does_not_stop(browse: Pages) -> None:
    _, events = profiling(browse)
    vic = browse.again(Role.VIEWER)
    page = vic.get(f"/datasets/{browse.acme.ids['dataset']}").text
    assert "data-job=" in page
    assert "cancellation" not in page
    assert vic.post(events.replace("/events", "/cancellation").partition("?")[0]).status_code == 403


@pytest.mark.parametrize("step", ["events", "cancellation"])
def test_another_tenants_job_is_unknown(browse: Pages, step: str) -> None:
    ana, foreign = browse.again(Role.ANALYST), browse.bravo.ids["job"]
    ask = ana.get if step == "events" else ana.post
    answers = [ask(f"/jobs/{job}/{step}") for job in (foreign, "job_01K8Z4V0Q6T9M3W5C2R7N0B1DG", "job_x")]
    assert [each.status_code for each in answers] == [404, 404, 404]
