"""Rows of a run: why they score as they do, and what people say of them."""

import html
import re
from urllib.parse import urlencode

import pytest

from tests.pages.anomaly_detection.results import Result, field_of, result_of
from tests.support.pages import Pages


@pytest.fixture(scope="module")
def result(browse: Pages) -> Result:
    return result_of(browse)


def test_a_row_has_a_page_of_its_own_with_all_there_is_to_say(result: Result) -> None:
    page = result().get(f"{result.path}/rows/7")

    assert page.status_code == 200
    assert "Why this row scores" in page.text
    assert "It would score below 80 if" in page.text
    assert "The nearest rows that are not flagged" in page.text


def test_beside_the_list_the_dear_part_is_fetched_later(result: Result) -> None:
    drawer = result().get(f"{result.path}?row=7", fragment="drawer")
    later = result().get(f"{result.path}/rows/7", fragment="compared")

    assert "<html" not in drawer.text
    assert "Why this row scores" in drawer.text
    assert "It would score below 80" not in drawer.text
    assert f'hx-get="/t/acme{result.path}/rows/7"' in drawer.text
    assert "<html" not in later.text
    assert "It would score below 80" in later.text


def test_a_row_that_is_not_there_is_not_found(result: Result) -> None:
    assert result().get(f"{result.path}/rows/100000").status_code == 404
    assert result().get(f"{result.path}?row=100000").status_code == 404


def test_a_label_given_by_key_answers_with_that_row_alone(result: Result) -> None:
    answer = result().post(
        f"{result.path}/rows/50/label", {"verdict": "true", "version": ""}, fragment=result.answers(50)
    )

    assert answer.status_code == 200
    assert "<html" not in answer.text
    assert f'id="{result.answers(50)}"' in answer.text
    assert 'aria-pressed="true"' in answer.text
    assert "Precision on 1 label ≥ 80: 1.00 [0.21-1.00]." in answer.text
    assert 'data-key="u"' in answer.text


def test_undo_puts_back_what_was_said_before(result: Result) -> None:
    path = f"{result.path}/rows/120/label"
    first = result().post(path, {"verdict": "expected", "version": ""}, fragment=result.answers(120)).text
    undo = first.split('id="toast"')[1]

    back = result().post(
        path,
        {"verdict": "", "undo": "yes", "version": field_of(undo, "version")},
        fragment=result.answers(120),
    )

    assert 'aria-pressed="true"' not in back.text
    assert result.history(120) == [None, "expected"]


def test_without_script_a_label_leads_back_to_where_it_was_given(result: Result) -> None:
    answer = result().post(
        f"{result.path}/rows/3/label", {"verdict": "bad_data", "back": f"/t/acme{result.path}?row=3"}
    )

    assert answer.headers["location"] == f"/t/acme{result.path}?row=3"
    assert "Row 3: bad data." in result().follow(answer).text


def test_a_way_back_to_another_site_is_not_taken(result: Result) -> None:
    answer = result().post(f"{result.path}/rows/4/label", {"verdict": "unsure", "back": "//evil.example/"})

    assert answer.headers["location"] == f"/t/acme{result.path}/rows/4"


def test_somebody_elses_label_is_shown_instead_of_overwritten(result: Result) -> None:
    path = f"{result.path}/rows/9/label"
    result.label(9, "true")

    late = result("data_scientist").post(
        path, {"verdict": "false_positive", "version": ""}, fragment=result.answers(9)
    )

    assert late.status_code == 200
    assert "It is shown as it is now." in late.text
    assert result.history(9) == ["true"]
    assert (
        result("data_scientist").post(path, {"verdict": "false_positive", "version": "7"}).status_code == 412
    )


def test_a_label_that_was_sent_twice_is_no_problem(result: Result) -> None:
    fields = {"verdict": "true", "version": ""}
    answers = [result().post(f"{result.path}/rows/14/label", fields) for _ in range(2)]

    assert [each.status_code for each in answers] == [303, 303]
    assert result.history(14) == ["true"]


def test_without_script_somebody_elses_label_is_told_in_words_of_the_page(result: Result) -> None:
    result.label(15, "true")

    late = result("data_scientist").post(
        f"{result.path}/rows/15/label", {"verdict": "expected", "version": ""}
    )

    assert late.status_code == 412
    assert "The row was labelled since you read it" in late.text
    assert "If-Match" not in late.text
    assert result.history(15) == ["true"]


@pytest.mark.parametrize("fields", [{"verdict": "perhaps"}, {"verdict": "true", "note": "x" * 4001}])
def test_labels_that_are_none_are_refused(result: Result, fields: dict[str, str]) -> None:
    assert result().post(f"{result.path}/rows/11/label", fields).status_code == 422


def test_a_viewer_labels_nothing(result: Result) -> None:
    viewer = result("viewer")

    assert viewer.post(f"{result.path}/rows/7/label", {"verdict": "true"}).status_code == 403
    assert viewer.post(f"{result.path}/label", {"row": "7:", "verdict": "true"}).status_code == 403


def test_many_are_labelled_after_their_number_was_shown(result: Result) -> None:
    asked = result().get(f"{result.path}/label?row=20:&row=21:&row=22:")
    assert "Label 3 rows" in asked.text

    done = result().post(
        f"{result.path}/label", {"row": ["20:", "21:", "22:"], "verdict": "expected", "note": "maintenance"}
    )

    assert "3 rows labelled expected." in result().follow(done).text
    assert [result.history(row) for row in (20, 21, 22, 23)] == [["expected"]] * 3 + [[]]


def test_many_labels_are_taken_back_by_the_button_after_them(result: Result) -> None:
    fields = {"row": ["26:", "27:", "28:"], "verdict": "expected"}
    done = result().follow(result().post(f"{result.path}/label", fields)).text
    form = done.split('<div class="notice" data-kind="success"')[1]
    action = re.findall(r'action="/t/acme(/labels/batches/lbl_\w+/undo)"', form)[0]
    back = field_of(form, "back")
    result.label(28, "true", version="1")
    assert action in result().get("/labels/history").text
    assert action not in result("data_scientist").get("/labels/history").text

    assert result("data_scientist").post(action).status_code == 403
    undone = result().post(action, {"back": back})

    assert undone.headers["location"] == back
    assert "2 labels taken back. 1 was changed since and stays." in result().follow(undone).text
    assert [result.history(row)[0] for row in (26, 27, 28)] == [None, None, "true"]
    again = result().follow(result().post(action)).text
    assert "Nothing to take back" in again
    assert action not in again + result().get("/labels/history").text


def test_of_many_those_that_said_so_already_are_skipped(result: Result) -> None:
    result.label(33, "true")

    done = result().post(f"{result.path}/label", {"row": ["33:1", "34:"], "verdict": "true"})

    assert "1 row labelled true, 1 skipped (already true)." in result().follow(done).text


def test_many_labels_that_were_sent_twice_are_no_problem(result: Result) -> None:
    sent = {"row": ["80:", "81:"], "verdict": "true"}
    result().follow(result().post(f"{result.path}/label", sent))

    again = result().follow(result().post(f"{result.path}/label", sent))

    assert "0 rows labelled true, 2 skipped (already true)." in again.text
    assert result.history(80) == ["true"]


def test_who_may_not_read_labels_sees_a_run_without_them(result: Result) -> None:
    result.label(7, "true", note="Clogged again")
    role = {"name": "unlabelled", "permissions": ["runs:read", "labels:write"]}
    result("tenant_admin").post("/settings/roles/new", role)
    browser = result("unlabelled")

    pages = [browser.get(f"{result.path}{more}") for more in ("", "?row=7", "/rows/7", "/map")]

    assert [page.status_code for page in pages] == [200] * 4
    assert "Why this row scores" in pages[1].text
    assert "Why this row scores" in pages[2].text
    for text in (">Label<", "Judge it", "Clogged again", "Label chosen rows", 'name="verdict"', "precision:"):
        assert not any(text in page.text for page in pages), text
    assert browser.post(f"{result.path}/rows/7/label", {"verdict": "true"}).status_code == 403


def test_who_labels_many_comes_back_to_the_rows_as_they_were_filtered(result: Result) -> None:
    narrowed = "min_score=0&facet=site%3Anorth"
    page = result().get(f"{result.path}?{narrowed}")
    assert f'name="back" value="{narrowed.replace("&", "&amp;")}"' in page.text

    query = {"row": "24:", "back": narrowed}
    asked = result().get(f"{result.path}/label?{urlencode(query)}")
    assert f'href="/t/acme{result.path}?{narrowed.replace("&", "&amp;")}">Cancel' in asked.text
    done = result().post(f"{result.path}/label", query | {"verdict": "unsure"})

    assert done.headers["location"] == f"/t/acme{result.path}?{narrowed}"


@pytest.mark.parametrize("back", ["//evil.example", "\r\nX-Odd: 1", "=", "x=\u2603"])
def test_who_labels_many_stays_on_the_run(result: Result, back: str) -> None:
    done = result().post(f"{result.path}/label", {"row": "25:", "verdict": "unsure", "back": back})

    assert done.status_code == 303
    assert done.headers["location"].partition("?")[0] == f"/t/acme{result.path}"
    assert "x-odd" not in done.headers


def test_of_many_those_are_skipped_that_somebody_labelled_meanwhile(result: Result) -> None:
    result.label(30, "true")

    done = result().post(f"{result.path}/label", {"row": ["30:", "31:"], "verdict": "unsure"})

    assert "1 row labelled unsure, 1 skipped" in result().follow(done).text
    assert result.history(30) == ["true"]


def test_many_without_a_verdict_come_back_with_what_is_wrong(result: Result) -> None:
    back = result().post(f"{result.path}/label", {"row": ["40:", "41:"]})

    assert back.status_code == 422
    assert "There is a problem" in back.text
    assert 'value="41:"' in back.text


@pytest.mark.parametrize("query", ["row=x", "row=1:x", "row=-1:", "row=%D9%A3", "row=1&" * 901])
def test_rows_that_cannot_be_read_are_refused(result: Result, query: str) -> None:
    assert result().get(f"{result.path}/label?{query.rstrip('&')}").status_code == 400


@pytest.mark.parametrize("place", ["{run}?min_score=1&cols=flow", "/labels"])
def test_without_javascript_a_label_leaves_the_list_as_it_was(result: Result, place: str) -> None:
    path = place.format(run=result.path)
    back = re.findall(r'name="back" value="(/[^"]*)"', result().get(path).text)[0]

    done = result().post(f"{result.path}/rows/60/label", {"verdict": "true", "back": html.unescape(back)})

    assert done.headers["location"] == f"/t/acme{path}"


def test_choosing_none_leads_back(result: Result) -> None:
    assert "No rows were chosen." in result().follow(result().get(f"{result.path}/label")).text
