"""A form that is sent twice, as a double click does without JavaScript, is obeyed once."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

from httpx2 import Response

from tests.support.pages import TOKEN, Browser, Pages

KEY = {"name": "nightly", "scopes": "read", "days": "30"}


def token_of(browser: Browser, path: str = "/settings") -> str:
    found = TOKEN.search(browser.get(path).text)
    assert found is not None
    return found[1]


def send(browser: Browser, path: str, token: str, fields: dict[str, Any], **more: Any) -> Response:
    sent: Response = browser.client.post(
        f"/t/acme{path}",
        data=fields | {"csrf": token},
        headers={"Accept": "text/html"},
        follow_redirects=False,
        **more,
    )
    return sent


def keys_named(browser: Browser, name: str) -> list[dict[str, Any]]:
    keys = browser.get("/settings/keys.json").json()["items"]
    return [key for key in keys if key["name"] == name]


def test_a_form_sent_twice_makes_one_thing_and_is_answered_the_same(browse: Pages) -> None:
    admin = browse.again("tenant_admin")
    token = token_of(admin)
    first, second = [send(admin, "/settings/keys/new", token, KEY | {"name": "sent twice"}) for _ in range(2)]
    assert first.status_code == second.status_code == 200
    assert first.text == second.text
    assert len(keys_named(admin, "sent twice")) == 1


def test_the_secret_of_an_answer_is_not_kept_in_clear(browse: Pages) -> None:
    admin = browse.again("tenant_admin")
    page = send(admin, "/settings/keys/new", token_of(admin), KEY | {"name": "sealed"})
    key = page.text.partition("export ANOM_KEY=")[2].split()[0]
    folder = browse.town.service.settings.get("data.dir")
    kept = list(folder.glob("**/*.db*"))
    assert kept
    assert all(key.encode() not in path.read_bytes() for path in kept)


def test_sent_at_once_by_two_the_second_waits_for_the_first(browse: Pages) -> None:
    admin = browse.again("tenant_admin")
    token = token_of(admin)
    with ThreadPoolExecutor(2) as pool:
        answers = [
            pool.submit(send, admin, "/settings/keys/new", token, KEY | {"name": "at once"}) for _ in range(2)
        ]
        first, second = [each.result() for each in answers]
    assert first.text == second.text
    assert len(keys_named(admin, "at once")) == 1


def test_other_fields_or_another_page_are_another_form(browse: Pages) -> None:
    admin = browse.again("tenant_admin")
    token = token_of(admin)
    send(admin, "/settings/keys/new", token, KEY | {"name": "one of two"})
    send(admin, "/settings/keys/new", token, KEY | {"name": "other of two"})
    send(admin, "/settings/keys/new", token_of(admin), KEY | {"name": "one of two"})
    assert len(keys_named(admin, "other of two")) == 1
    assert len(keys_named(admin, "one of two")) == 2


def test_a_form_that_was_refused_may_be_sent_again(browse: Pages) -> None:
    admin = browse.again("tenant_admin")
    token = token_of(admin)
    path = "/settings/roles/new"
    role = {"name": "refused_twice", "permissions": "runs:read"}
    assert send(admin, path, token, {"name": "refused_twice"}).status_code == 422
    assert send(admin, path, token, {"name": "refused_twice"}).status_code == 422
    first, second = send(admin, path, token, role), send(admin, path, token, role)
    assert first.status_code == second.status_code == 303
    assert first.headers["location"] == second.headers["location"]


def test_a_file_that_was_corrected_is_another_one_though_as_long(browse: Pages) -> None:
    analyst = browse.again("analyst")
    token = token_of(analyst, "/datasets/new")
    homes = [
        send(analyst, "/datasets/new", token, {"name": ""}, files={"file": ("typo.csv", rows)})
        for rows in (b"a,b\n1,2\n3,4\n", b"a,b\n1,2\n3,5\n")
    ]
    assert [each.status_code for each in homes] == [303, 422], "the second is read, and its name is taken"


def test_a_file_sent_twice_is_one_dataset(browse: Pages) -> None:
    analyst = browse.again("analyst")
    token = token_of(analyst, "/datasets/new")
    answers = [
        send(
            analyst,
            "/datasets/new",
            token,
            {"name": "Sent twice"},
            files={"file": ("twice.csv", b"a,b\n1,2\n3,4\n")},
        )
        for _ in range(2)
    ]
    assert [each.status_code for each in answers] == [303, 303]
    assert answers[0].headers["location"] == answers[1].headers["location"]
    names = [each["name"] for each in analyst.get("/datasets.json").json()["items"]]
    assert names.count("Sent twice") == 1
