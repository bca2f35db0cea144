"""Views that people keep of lists."""

import re

import pytest

from people_ops.domain.permissions import Role
from tests.support.pages import Browser, Pages


@pytest.fixture(scope="module")
def ana(browse: Pages) -> Browser:
    return browse(Role.ANALYST)


def saved(browser: Browser, **fields: str) -> str:
    """Where the saved view leads."""
    answer = browser.post("/views", {"page": "/runs", "name": "mine", "query": "state=failed"} | fields)
    assert answer.status_code == 303, answer.text
    found: str = answer.headers["location"]
    return found


def test_a_view_leads_back_to_its_list(ana: Browser) -> None:
    assert saved(ana, query="state=failed&sort=-created_at") == ("/t/acme/runs?state=failed&sort=-created_at")


def test_views_are_counted_to_fifty(browse: Pages) -> None:
    browser = browse(Role.VIEWER)
    for number in range(50):
        saved(browser, name=f"view {number}")
    saved(browser, name="view 7", query="state=done")
    too_many = browser.post("/views", {"page": "/runs", "name": "one more", "query": ""})
    assert too_many.status_code == 409
    assert "Remove one first" in too_many.text


@pytest.mark.parametrize(
    "fields",
    [
        {"name": ""},
        {"name": "x" * 61},
        {"page": "https://evil.example"},
        {"page": "//evil.example"},
        {"page": "/../../admin"},
        {"query": "q=" + "x" * 2001},
    ],
)
def test_what_is_no_view_is_refused(ana: Browser, fields: dict[str, str]) -> None:
    sent = {"page": "/runs", "name": "odd", "query": "state=failed"} | fields
    assert ana.post("/views", sent).status_code == 422


def test_a_list_offers_its_own_views_and_takes_them_away(browse: Pages) -> None:
    admin = browse(Role.TENANT_ADMIN)
    saved(admin, page="/settings/keys", name="<b>old</b>", query="limit=20&cursor=abc")
    saved(admin, page="/settings/people", name="other list", query="limit=30")
    page = admin.get("/settings/keys?limit=20").text
    assert '<a href="/t/acme/settings/keys?limit=20" aria-current="true">&lt;b&gt;old&lt;/b&gt;</a>' in page
    assert "other list" not in page
    (remove,) = re.findall(r'action="(/t/acme/views/viw_\w+/delete)"', page)
    assert browse(Role.TENANT_ADMIN).post(f"/{remove}").status_code == 404, "it is somebody else's"
    assert "The view is gone." in admin.follow(admin.post(f"/{remove}")).text
    assert admin.post(f"/{remove}").status_code == 404
    assert admin.post("/views/nonsense/delete").status_code == 404
