"""From a file, pasted text or a query to a dataset whose columns have roles."""

import gzip
import re
from typing import Any

import polars as pl
import pytest
from httpx2 import Response

from data_platform.application.datasets.upload_version import AT_ONCE
from data_platform.application.frames.frame_table import FrameTable
from data_platform.application.refusals import InvalidTable
from data_platform.infrastructure.datasets.tenant_databases import TenantDatabases
from people_ops.domain.permissions import Role
from tests.support.pages import Browser, Pages

CSV = b"order_id,amount,country\n" + b"".join(
    b"%d,%d.5,%s\n" % (i, i % 9, b"DE" if i % 3 else b"FR") for i in range(1, 61)
)
HOSTILE = "<img src=x onerror=alert(1)>"


def upload(browser: Browser, name: str, content: bytes = CSV, filename: str = "orders.csv") -> Response:
    return browser.post("/datasets/new", {"name": name}, files={"file": (filename, content, "text/csv")})


def hidden(page: str, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', page)
    assert found is not None, f"no field {name}"
    return found[1]


def test_a_file_leads_to_its_columns_and_they_to_the_profile(browse: Pages) -> None:
    ana = browse.again(Role.ANALYST)
    answer = upload(ana, "First orders")
    assert answer.headers["location"] == "/t/acme/datasets/first-orders/schema"

    page = ana.follow(answer).text
    assert "The first 50 rows" in page
    assert 'aria-label="Role of amount"' in page
    fields = {name: hidden(page, name) for name in ("version", "number", "first")}
    confirmed = ana.post("/datasets/first-orders/schema", fields | {"role-0": "id", "role-2": "ignored"})
    assert confirmed.headers["location"] == "/t/acme/datasets/first-orders"

    waiting = ana.follow(confirmed).text
    assert 'data-job="/t/acme/jobs/job_' in waiting
    assert 'http-equiv="refresh"' in waiting
    browse.town.work()
    ready = ana.get("/datasets/first-orders").text
    assert "<h2" in ready
    assert "data-job" not in ready
    assert "60" in ready
    assert "/100" in ready
    assert ">ignored<" in ready


@pytest.mark.parametrize(
    ("filename", "content"),
    [
        ("orders.csv.gz", gzip.compress(CSV)),
        ("orders.ndjson", b'{"a": 1, "b": "x"}\n{"a": 2, "b": "y"}\n'),
        ("orders.json", b'[{"a": 1, "b": "x"}, {"a": 2, "b": "y"}]'),
        ("no ending", CSV),
    ],
)
def test_every_form_of_file_is_read_and_names_the_dataset(
    browse: Pages, filename: str, content: bytes
) -> None:
    ana, name = browse.again(Role.ANALYST), filename.replace(".", " ")
    answer = upload(ana, name, content, filename)
    assert answer.status_code == 303, answer.text
    assert ana.follow(answer).status_code == 200


def test_how_a_file_was_read_is_said_beside_its_columns(browse: Pages) -> None:
    ana = browse.again(Role.ANALYST)
    content = b"id;amount\n" + b"".join(
        b"%d;%s\n" % (i, b"sold out" if i == 7 else b"%d" % i) for i in range(20)
    )
    page = ana.follow(upload(ana, "Read so", content)).text
    assert "<li>delimiter &#39;;&#39;</li>" in page
    assert "so all are read as text: &#39;sold out&#39; in row 9</li>" in page


def test_a_dataset_is_called_like_its_file_where_nobody_says_otherwise(browse: Pages) -> None:
    answer = upload(browse.again(Role.ANALYST), "", CSV, "Café sales 2026.csv")
    assert answer.headers["location"] == "/t/acme/datasets/cafe-sales-2026/schema"


def test_rows_can_be_pasted(browse: Pages) -> None:
    text = "city\tvisits\nBerlin\t12\nParis\t30\n"
    ana = browse.again(Role.ANALYST)
    answer = ana.post("/datasets/new?way=paste", {"name": "Cities", "rows": text})
    page = ana.follow(answer).text
    assert "Berlin" in page
    assert 'aria-label="Role of visits"' in page


def test_what_is_wrong_in_a_file_is_shown_row_by_row_and_the_name_stays(browse: Pages) -> None:
    ana = browse.again(Role.ANALYST)
    broken = b"id,amount\n1,2\n3,4,5,6\n7,8\n"
    answer = upload(ana, "Broken orders", broken)
    page = answer.text
    assert answer.status_code == 422
    assert "<title>Error: New dataset" in page
    assert 'role="alert"' in page
    assert 'id="row-problems"' in page
    assert 'value="Broken orders"' in page
    assert ana.get("/datasets/broken-orders").status_code == 404


@pytest.mark.parametrize(
    ("fields", "files", "says"),
    [
        ({"name": "x"}, {}, "No file was chosen."),
        ({"name": "y" * 121}, {"file": ("a.csv", CSV, "text/csv")}, "1 to 120 characters"),
        ({"name": "???"}, {"file": ("a.csv", CSV, "text/csv")}, "no letter or digit"),
        ({"name": "new"}, {"file": ("a.csv", CSV, "text/csv")}, "address of a page"),
        ({"name": "z"}, {"file": ("a.csv", b"", "text/csv")}, "There is a problem"),
    ],
)
def test_what_cannot_be_taken_comes_back_with_the_reason(
    browse: Pages, fields: dict[str, str], files: dict[str, Any], says: str
) -> None:
    answer = browse.again(Role.ANALYST).post("/datasets/new", fields, files=files)
    assert answer.status_code == 422
    assert says in answer.text


def test_a_name_that_is_taken_is_told_at_the_field(browse: Pages) -> None:
    ana = browse.again(Role.ANALYST)
    upload(ana, "Twice")
    answer = upload(ana, "Twice")
    assert answer.status_code == 422
    assert 'href="#field-name"' in answer.text


def test_the_same_bytes_again_are_no_new_version(browse: Pages) -> None:
    ana = browse.again(Role.ANALYST)
    upload(ana, "Same bytes")
    again = ana.post("/datasets/same-bytes/upload", {}, files={"file": ("o.csv", CSV, "text/csv")})
    assert "nothing was stored twice" in ana.follow(again).text


def test_a_large_file_is_read_by_a_job_and_what_is_wrong_in_it_is_shown_until_it_is_mended(
    browse: Pages,
) -> None:
    ana = browse.again(Role.ANALYST)
    browse.town.work()
    line = b"1,20.5,some words that make the file long enough to be read by a job\n"
    broken = b"id,amount,note\n" + line * 10 + b"7,8\n" + line * (AT_ONCE // len(line))
    waiting = ana.follow(upload(ana, "Large", broken)).text
    assert "Reading the file: waiting for a worker" in waiting
    with pytest.raises(InvalidTable):
        browse.town.work()

    failed = ana.get("/datasets/large").text
    assert "Version 1 could not be read" in failed
    assert "It has 2 fields instead of 3." in failed
    assert 'href="/t/acme/datasets/large/upload"' in failed
    assert "last upload failed" in ana.get("/datasets?q=large").text
    mended = ana.post("/datasets/large/upload", {}, files={"file": ("l.csv", CSV, "text/csv")})
    assert ana.follow(mended).status_code == 200
    assert "could not be read" not in ana.get("/datasets/large").text


def test_rows_are_fetched_from_a_source(browse: Pages) -> None:
    ana = browse.again(Role.ANALYST)
    source = browse.acme.ids["source"]
    page = ana.get(f"/datasets/new?way=source&source={browse.acme.marker}").text
    assert f'<option value="{browse.acme.marker}" selected>' in page
    answer = ana.post("/datasets/new?way=source", {"name": "From shop", "source": source, "at_once": "yes"})
    assert answer.headers["location"] == "/t/acme/datasets/from-shop"
    page = ana.follow(answer).text
    assert "Fetching rows" in page
    cancel = re.search(r'action="/t/acme(/jobs/job_\w+/cancellation)"', page)
    assert cancel is not None
    stopped = ana.follow(ana.post(cancel[1], {"back": "/t/acme/datasets/from-shop"})).text
    assert "It was cancelled. Since " in stopped
    assert "The dataset&#39;s owner is" in stopped
    assert 'data-empty="stale"' in stopped
    retry = re.search(r'action="/t/acme(/jobs/job_\w+/retry)"', stopped)
    assert retry is not None
    ana.post(retry[1])
    page = ana.get("/datasets/from-shop").text
    assert "Fetching rows" in page
    cancel = re.search(r'action="/t/acme(/jobs/job_\w+/cancellation)"', page)
    assert cancel is not None
    ana.post(cancel[1])


def test_a_query_that_is_refused_leaves_no_dataset_behind(browse: Pages) -> None:
    ana, source = browse.again(Role.ANALYST), browse.acme.ids["source"]
    fields = {"name": "Refused", "source": source, "query": "DELETE FROM orders"}
    for at_once in ("", "yes"):
        answer = ana.post("/datasets/new?way=source", fields | {"at_once": at_once})
        assert answer.status_code == 422
        assert 'href="#field-query"' in answer.text
        assert "DELETE FROM orders" in answer.text
    assert ana.get("/datasets/refused").status_code == 404


def answering(monkeypatch: pytest.MonkeyPatch, **columns: list[Any]) -> None:
    """Databases that give these rows, whatever they are asked."""
    table = FrameTable(pl.DataFrame(columns), "rows")
    monkeypatch.setattr(TenantDatabases, "first", lambda self, url, query, rows: table)
    monkeypatch.setattr(TenantDatabases, "fetch", lambda self, url, query: table)


def test_the_first_rows_of_a_query_are_looked_at_before_all_are_loaded(
    browse: Pages, monkeypatch: pytest.MonkeyPatch
) -> None:
    ana, source = browse.again(Role.ANALYST), browse.acme.ids["source"]
    answering(monkeypatch, id=[1, 2, 3], amount=[1.5, 2.5, 1.5], note=[HOSTILE, "b", None])
    asked = {"name": "Looked at", "source": source, "query": "SELECT *\nFROM orders"}
    page = ana.post("/datasets/new?way=source", asked).text
    assert "The first 3 rows" in page
    assert "<img" not in page
    assert 'value="SELECT *\nFROM orders"' in page
    assert ana.get("/datasets/looked-at").status_code == 404

    seen = asked | {"columns": hidden(page, "columns")}
    again = ana.post("/datasets/new/columns", seen | {"step": "again"}).text
    assert "SELECT *\nFROM orders</textarea>" in again
    assert 'value="Looked at"' in again
    contradiction = ana.post("/datasets/new/columns", seen | {"role-0": "time", "role-1": "time"})
    assert contradiction.status_code == 422
    assert "both to be the time" in contradiction.text
    made = ana.post(
        "/datasets/new/columns", seen | {"role-0": "id", "role-1": "ignored", "role-2": "feature"}
    )
    assert "Fetching rows" in ana.follow(made).text
    browse.town.work()
    profile = ana.get("/datasets/looked-at").text
    assert ">ignored<" in profile
    assert ">id<" in profile

    more = {"source": source, "query": "SELECT * FROM orders"}
    answering(monkeypatch, id=[4, 5], amount=[1, 2], place=["a", "b"])
    page = ana.post("/datasets/looked-at/upload?way=source", more).text
    assert "The columns differ from those of version 1" in page
    assert "New: place; gone: note; type: amount Float64 to Int64." in page
    assert ">ignored<" in page
    again = ana.post("/datasets/looked-at/upload/columns", more | {"step": "again"}).text
    assert "SELECT * FROM orders</textarea>" in again
    loaded = ana.post("/datasets/looked-at/upload/columns", more)
    assert "Fetching rows" in ana.follow(loaded).text
    browse.town.work()
    assert "place" in ana.get("/datasets/looked-at/rows").text

    answering(monkeypatch, id=[1, 2, 3], amount=["1", "2", "3"])
    changed = ana.post("/datasets/new/columns", seen | {"name": "Looked at twice"})
    assert "other columns than before" in changed.text
    assert ana.get("/datasets/looked-at-twice").status_code == 404


@pytest.mark.parametrize(
    ("fields", "field", "says"),
    [
        ({"name": "Unreached"}, "source", "Name a public host"),
        ({"name": "Unreached", "source": "nowhere"}, "source", "nowhere"),
        ({"name": "Taken before"}, "name", "Choose another name"),
    ],
)
def test_what_is_in_the_way_of_a_source_is_told_in_the_form(
    browse: Pages, fields: dict[str, str], field: str, says: str
) -> None:
    ana = browse.again(Role.ANALYST)
    upload(ana, "Taken before")
    admin = browse.again(Role.TENANT_ADMIN)
    admin.post("/sources/new", {"name": "Near", "url": "postgresql://a:b@127.0.0.1/x", "query": "SELECT 1"})
    answer = ana.post("/datasets/new?way=source", {"source": "near"} | fields)
    assert answer.status_code == 422
    assert f'href="#field-{field}"' in answer.text
    assert says in answer.text


def test_roles_that_contradict_each_other_come_back(browse: Pages) -> None:
    ana = browse.again(Role.ANALYST)
    page = ana.follow(upload(ana, "Contradiction")).text
    fields = {name: hidden(page, name) for name in ("version", "number", "first")}
    answer = ana.post("/datasets/contradiction/schema", fields | {"role-0": "time", "role-1": "time"})
    assert answer.status_code == 422
    assert "both to be the time" in answer.text


def test_a_change_since_the_form_was_opened_is_not_overwritten(browse: Pages) -> None:
    ana = browse.again(Role.ANALYST)
    page = ana.follow(upload(ana, "Changed meanwhile")).text
    fields = {name: hidden(page, name) for name in ("version", "number", "first")}
    ana.post("/datasets/changed-meanwhile/schema", fields | {"role-2": "ignored"})
    answer = ana.post("/datasets/changed-meanwhile/schema", fields | {"role-1": "ignored"})
    assert answer.status_code == 422
    assert "Someone else changed the dataset" in answer.text


def test_names_of_columns_and_values_are_text(browse: Pages) -> None:
    ana = browse.again(Role.ANALYST)
    content = f'"{HOSTILE}",amount\n"{HOSTILE}",1\n"{HOSTILE}",2\nb,3\n'.encode()
    page = ana.follow(upload(ana, HOSTILE, content)).text
    browse.town.work()
    slug = "img-src-x-onerror-alert-1"
    pages = [
        page,
        *(ana.get(f"/datasets/{slug}{step}").text for step in ("", "/rows", "/versions", "/delete")),
    ]
    pages.append(ana.get(f"/datasets/{slug}", params={"col": HOSTILE}).text)
    pages.append(ana.get("/datasets").text)
    assert all("<img" not in each and "&lt;img src=x" in each for each in pages)


def test_a_viewer_neither_sees_the_ways_in_nor_may_take_them(browse: Pages) -> None:
    vic = browse.again(Role.VIEWER)
    assert "/datasets/new" not in vic.get("/datasets").text
    refused = vic.get("/datasets/new")
    assert refused.status_code == 403
    assert "analyst" in refused.text
    assert upload(vic, "Not mine").status_code == 403


def test_rows_that_no_run_could_search_say_so_and_offer_none(browse: Pages) -> None:
    ana = browse.again(Role.ANALYST)
    upload(ana, "All alike", b"a,b\n" + b"1,x\n" * 300)
    browse.town.work()
    page = ana.get("/datasets/all-alike").text
    assert "No column can be searched for anomalies" in page
    assert 'href="/t/acme/datasets/all-alike/schema"' in page
    assert "Find anomalies" not in page
    upload(ana, "Not alike")
    browse.town.work()
    assert "Find anomalies" in ana.get("/datasets/not-alike").text
    viewer = browse.again(Role.VIEWER).get("/datasets/all-alike").text
    assert "No column can be searched for anomalies" in viewer
    assert "/all-alike/schema" not in viewer

    checks = ana.get("/datasets/all-alike?checks=failed").text
    assert ">100<" in checks, "299 of 300 rows repeat another"
    assert "e+0" not in checks
