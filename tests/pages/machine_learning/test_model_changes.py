"""Promoting, rolling back, importing, deleting: confirmed on a page that says what changes, by those who may."""

import re

import pytest

from tests.pages.machine_learning.test_model_pages import HOSTILE, trained
from tests.support.pages import Browser, Pages

READ = re.compile(r'name="read" value="(\d+)"')


@pytest.fixture
def model(browse: Pages, request: pytest.FixtureRequest) -> str:
    """Of the test alone, with two versions."""
    name = request.node.name[:60]
    trained(browse, name, "hbos")
    return trained(browse, name, "ecod")


def read_on(browser: Browser, path: str) -> str:
    page = browser.get(path)
    assert page.status_code == 200, page.text[:500]
    found = READ.search(page.text)
    assert found is not None
    return found[1]


def aliases(browse: Pages, model: str) -> dict[str, int]:
    found: dict[str, int] = browse.acme.owner("GET", f"/models/{model}").json()["aliases"]
    return found


def test_a_version_is_promoted_and_rolled_back(browse: Pages, model: str, scientist: Browser) -> None:
    path = f"/models/{model}/alias?name=champion&v=2"
    assert "<td>hbos</td><td>ecod</td>" in scientist.get(path).text
    sent = {"read": read_on(scientist, path), "note": "n" * 501}
    refused = scientist.post(path, sent)
    assert refused.status_code == 422
    assert 'href="#field-note"' in refused.text
    assert "n" * 501 in refused.text
    page = scientist.follow(scientist.post(path, sent | {"note": HOSTILE}))
    assert "Version 2 is champion now." in page.text
    assert "promoted: &lt;img" in page.text
    assert HOSTILE not in page.text
    assert aliases(browse, model) == {"champion": 2}

    back = f"/models/{model}/rollback"
    page = scientist.follow(scientist.post(back, {"read": read_on(scientist, back)}))
    assert "Version 1 is champion again." in page.text
    assert aliases(browse, model) == {"champion": 1}
    again = scientist.get(back)
    assert again.status_code == 409
    assert "No champion before the present one" in again.text


def test_a_stale_confirmation_is_a_conflict_that_shows_how_it_is_now(
    browse: Pages, model: str, scientist: Browser
) -> None:
    path = f"/models/{model}/alias?name=challenger&v=2"
    seen = read_on(scientist, path)
    browse.acme.owner("PUT", f"/models/{model}/aliases/challenger", json={"version": 1})
    answer = scientist.post(path, {"read": seen})
    assert answer.status_code == 409
    assert "Below is how it is now." in answer.text
    assert "<td>version 1</td><td>version 2</td>" in answer.text
    assert READ.findall(answer.text) != [seen]
    assert aliases(browse, model)["challenger"] == 1


def test_a_threshold_is_applied_after_its_effect_was_seen_and_undone_by_a_click(
    browse: Pages, model: str, scientist: Browser, viewer: Browser
) -> None:
    version = f"/models/{model}/versions/1"
    before = browse.acme.owner("GET", version).json()
    chosen = scientist.get(f"/models/{model}?v=1&threshold=60").text
    path = re.search(rf'href="/t/acme({version}/threshold\?threshold=60[^"]*)">Apply this threshold', chosen)
    assert path is not None
    asked = path[1].replace("&amp;", "&")
    page = scientist.get(asked)
    assert "What changes among labelled rows" in page.text
    flagged = re.search(r"<td>Rows flagged</td><td>(\d+)</td><td>(\d+)</td>", page.text)
    assert flagged is not None

    sent = {"read": read_on(scientist, asked), "note": "Two were missed."}
    done = scientist.follow(scientist.post(asked, sent))
    moved = browse.acme.owner("GET", version).json()
    assert moved["alert_rate"] > before["alert_rate"] == moved["previous_alert_rate"]
    assert "threshold moved: Two were missed." in done.text
    assert re.search(rf"of 40 rows are flagged \({100 * int(flagged[2]) / 40:.3g} %\)", done.text)
    assert f"From a score of 80 on, {flagged[2]} of 40 rows are flagged" in done.text
    assert "as it was trained, and in its file" in done.text
    card = viewer.get(f"{version}/card.md").text
    assert "- Threshold: moved; the file flags" in card

    undo = f"{version}/threshold/undo"
    assert undo in done.text
    assert undo not in viewer.get(f"/models/{model}?v=1").text
    stale = scientist.post(undo, {"read": "1"})
    assert stale.status_code == 409
    assert "Undo it" in stale.text
    read = re.search(rf'{undo}".*?name="read" value="(\d+)"', done.text, re.DOTALL)
    assert read is not None
    back = scientist.follow(scientist.post(undo, {"read": read[1]}))
    assert flagged[1] == "0"
    assert "From a score of 80 on, none of 40 rows is flagged" in back.text
    assert browse.acme.owner("GET", version).json()["alert_rate"] == before["alert_rate"]
    moves = viewer.get(f"/models/{model}/threshold-history.json").json()["items"]
    assert [(move["version"], move["reason"], move["note"]) for move in moves] == [
        (1, "undone", ""),
        (1, "moved", "Two were missed."),
    ]
    assert "move of the threshold undone" in viewer.get(f"/models/{model}").text


def test_a_threshold_that_someone_else_moved_meanwhile_is_a_conflict(
    browse: Pages, model: str, scientist: Browser
) -> None:
    version = f"/models/{model}/versions/1"
    path = f"{version}/threshold?threshold=60"
    seen = read_on(scientist, path)
    owner = browse.acme.owner
    owner("PUT", f"{version}/threshold", json={"alert_rate": 0.2}, headers={"If-Match": f'"{seen}"'})
    answer = scientist.post(path, {"read": seen})
    assert answer.status_code == 409
    assert "Below is how it is now." in answer.text
    assert owner("GET", version).json()["alert_rate"] == 0.2


def test_an_alias_is_taken_away(browse: Pages, model: str, scientist: Browser) -> None:
    path = f"/models/{model}/alias/removal?name=champion"
    scientist.follow(scientist.post(path, {"read": read_on(scientist, path)}))
    assert aliases(browse, model) == {}
    assert scientist.get(path).status_code == 404


def test_a_version_is_archived_taken_out_and_deleted(browse: Pages, model: str, scientist: Browser) -> None:
    version = f"/models/{model}/versions/2"
    for state in ("archived", "ready"):
        sent = {"read": read_on(scientist, f"{version}/archive"), "to": state}
        scientist.follow(scientist.post(f"{version}/archive", sent))
        assert browse.acme.owner("GET", version).json()["state"] == state
    scientist.follow(
        scientist.post(f"{version}/deletion", {"read": read_on(scientist, f"{version}/deletion")})
    )
    assert browse.acme.owner("GET", version).status_code == 404


def test_a_champion_is_neither_archived_nor_deleted(browse: Pages, model: str, scientist: Browser) -> None:
    for change in ("archive", "deletion"):
        path = f"/models/{model}/versions/1/{change}"
        answer = scientist.post(path, {"read": read_on(scientist, path), "to": "archived"})
        assert answer.status_code == 409
        assert "An alias names the version" in answer.text


def test_a_model_is_renamed(browse: Pages, model: str, scientist: Browser) -> None:
    path = f"/models/{model}/name"
    assert scientist.post(path, {"read": read_on(scientist, path), "name": ""}).status_code == 422
    sent = {"read": read_on(scientist, path), "name": "Other", "description": "Of hall 7"}
    page = scientist.follow(scientist.post(path, sent))
    assert "<h1>Other</h1>" in page.text
    assert "Of hall 7" in page.text
    stale = scientist.post(path, sent)
    assert stale.status_code == 409
    assert "Below is what you entered: send it again" in stale.text


def test_a_model_is_deleted_once_its_name_is_typed(browse: Pages, model: str, scientist: Browser) -> None:
    path = f"/models/{model}/deletion"
    sent = {"read": read_on(scientist, path), "confirm": "something"}
    refused = scientist.post(path, sent)
    assert refused.status_code == 422
    assert 'href="#field-confirm"' in refused.text
    scientist.follow(scientist.post(path, sent | {"confirm": model}))
    assert browse.acme.owner("GET", f"/models/{model}").status_code == 404


def test_an_imported_file_waits_until_an_admin_accepts_it(
    browse: Pages, model: str, scientist: Browser, admin: Browser
) -> None:
    file = scientist.get(f"/models/{model}/versions/1/file").content
    sent = scientist.post("/models/import", {"name": "Brought"}, files={"file": ("a.model", file)})
    assert "The file is being checked." in scientist.follow(sent).text
    browse.town.work()

    accept = "/models/brought/versions/1/acceptance"
    page = scientist.get("/models/brought")
    assert "quarantined" in page.text
    assert accept not in page.text
    assert scientist.get(accept).status_code == 403
    assert "Hash of the file" in admin.get(accept).text
    admin.follow(admin.post(accept, {"read": "1"}))
    assert browse.acme.owner("GET", "/models/brought/versions/1").json()["state"] == "ready"
    assert admin.post(accept, {"read": "1"}).status_code == 409


def test_a_file_that_is_no_model_is_refused_with_the_reason(browse: Pages, scientist: Browser) -> None:
    answer = scientist.post("/models/import", {"name": "Kept"}, files={"file": ("a.model", b"no model")})
    assert answer.status_code == 422
    assert 'href="#field-file"' in answer.text
    assert 'value="Kept"' in answer.text
    assert scientist.post("/models/import", {"name": "Kept"}).status_code in (400, 422)


@pytest.mark.parametrize(
    ("role", "paths"),
    [
        ("viewer", ["/models/new", "/models/import"]),
        (
            "analyst",
            [
                "/models/import",
                "/models/{}/alias?name=champion&v=1",
                "/models/{}/rollback",
                "/models/{}/name",
            ],
        ),
        (
            "analyst",
            [
                "/models/{}/deletion",
                "/models/{}/versions/1/archive",
                "/models/{}/versions/1/deletion",
                "/models/{}/versions/1/threshold?threshold=60",
            ],
        ),
        ("scientist", ["/models/{}/versions/1/acceptance"]),
    ],
)
def test_who_may_not_change_is_refused_and_sees_no_control(
    browse: Pages, role: str, paths: list[str], request: pytest.FixtureRequest
) -> None:
    browser, model = request.getfixturevalue(role), browse.acme.marker
    page = browser.get(f"/models/{model}").text
    for path in paths:
        path = path.format(model)
        assert browser.get(path).status_code == 403
        assert browser.post(path, {"read": "1"}).status_code == 403
        assert f'href="/t/acme{path}"' not in page
