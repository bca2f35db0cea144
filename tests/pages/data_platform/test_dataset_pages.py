"""The list, the profile, the rows and the versions of datasets, and what is done to them."""

import re
from urllib.parse import urlencode

import polars as pl
import pytest

from people_ops.domain.permissions import Role
from tests.support.pages import Browser, Pages

CSV = b"pump,flow,heat\n" + b"".join(
    b"p%d,%s,%d\n"
    % (i % 4, b"" if i % 10 == 0 else b"%d.5" % (20 + i % 7), 9000 if i == 77 else 60 + i * 7 % 120)
    for i in range(120)
)


def pumps(browse: Pages, name: str, content: bytes = CSV) -> Browser:
    ana = browse.again(Role.ANALYST)
    answer = ana.post("/datasets/new", {"name": name}, files={"file": ("p.csv", content, "text/csv")})
    assert answer.status_code == 303, answer.text
    browse.town.work()
    return ana


def test_the_list_is_searched_sorted_and_taken_away(browse: Pages) -> None:
    ana = pumps(browse, "Pump hall")
    page = ana.get("/datasets?q=pump&sort=-rows").text
    assert 'href="/t/acme/datasets/pump-hall"' in page
    assert 'aria-sort="descending"' in page
    assert browse.acme.marker not in page
    assert ana.get("/datasets.csv?q=pump+hall").text.splitlines()[1].startswith("Pump hall,pump-hall,120,3,")
    [item] = ana.get("/datasets.json?q=pump+hall").json()["items"]
    assert item["quality"] == 96
    assert item["owner"] in page
    assert item["owner"] in ana.get("/datasets/pump-hall").text
    assert item["state"] == "ready"


def test_a_search_without_result_says_so_and_htmx_gets_the_table_alone(browse: Pages) -> None:
    fragment = browse.again(Role.VIEWER).get("/datasets?q=nothing-like-it", fragment="datasets").text
    assert "<html" not in fragment
    assert 'data-empty="filtered"' in fragment


def test_who_has_no_dataset_is_shown_the_ways_in(browse: Pages) -> None:
    page = browse(Role.ANALYST, slug="empty").get("/datasets").text
    assert 'data-empty="first-use"' in page
    assert all(way in page for way in ("Load sample data", "Upload a file", "Connect a database"))


def test_the_profile_counts_the_quality_and_leads_to_the_rows_at_fault(browse: Pages) -> None:
    ana = pumps(browse, "Pump quality")
    page = ana.get("/datasets/pump-quality").text
    assert "96/100" in page
    assert "far outside of" in page
    missing = ana.get("/datasets/pump-quality/rows?where=flow:missing:").text
    assert "12 of 12 rows" in missing
    far = re.search(r'href="([^"]*/rows\?where=heat[^"]*)"', page)
    assert far is not None
    assert "9000" in ana.get("/" + far[1].replace("&amp;", "&")).text


@pytest.mark.parametrize(
    ("column", "says"),
    [
        ("heat", ("How heat is spread", "Largest values", "row 77", ">Log<", ">Symlog<")),
        ("pump", ("p1", "30")),
    ],
)
def test_a_column_has_a_panel(browse: Pages, column: str, says: tuple[str, ...]) -> None:
    ana = pumps(browse, f"Panel of {column}")
    page = ana.get(f"/datasets/panel-of-{column}?col={column}").text
    assert 'id="column"' in page
    assert all(words in page for words in says)
    assert 'id="column"' not in ana.get(f"/datasets/panel-of-{column}?col=nothing").text


def test_a_columns_correlations_lead_to_the_other_columns(browse: Pages) -> None:
    rows = b"hour,load,noise\n" + b"".join(b"%d,%d,%d\n" % (i, i * i, i * 37 % 50) for i in range(50))
    ana = pumps(browse, "Pump pairs", rows)
    page = ana.get("/datasets/pump-pairs?col=hour").text
    panel = page[page.index('id="column"') :]
    assert "Rises or falls with" in panel
    assert 'href="/t/acme/datasets/pump-pairs?col=load">load</a>' in panel
    assert "+1.00" in panel


def test_text_among_numbers_leads_to_its_rows(browse: Pages) -> None:
    ana = pumps(browse, "Pump words", CSV.replace(b",9000", b",broken"))
    page = ana.get("/datasets/pump-words").text
    assert "1 text (first: &#39;broken&#39;) together" in page
    assert 'href="/t/acme/datasets/pump-words/rows?where=heat%3Anot_number%3A&amp;version=1">1</a>' in page
    assert "heat:missing" not in page
    rows = ana.get("/datasets/pump-words/rows?where=heat:not_number:").text
    assert "1 of 1 row" in rows
    assert "Remove heat is not a number" in rows
    assert "0 of 120 rows match" in ana.get("/datasets/pump-words/rows?where=flow:not_number:").text


def test_a_check_is_switched_off_costs_nothing_and_is_switched_on_again(browse: Pages) -> None:
    ana = pumps(browse, "Pump checks")
    off = {"check": "missing", "column": "flow", "on": ""}
    page = ana.follow(ana.post("/datasets/pump-checks/checks", off)).text
    assert "Missing values in flow: switched off." in page
    assert "99/100" in page
    assert "Switch on: Missing values in flow" in page
    only = ana.get("/datasets/pump-checks?checks=off").text
    assert "Off 1</a>" in only
    assert "Far out of range" not in only
    assert 'data-empty="healthy"' not in only

    ana.post("/datasets/pump-checks/profile")
    browse.town.work()
    assert "99/100" in ana.get("/datasets/pump-checks").text
    ana.post("/datasets/pump-checks/checks", off | {"on": "yes"})
    assert "96/100" in ana.get("/datasets/pump-checks").text


def test_a_check_that_is_switched_on_an_older_versions_page_leads_back_to_it(browse: Pages) -> None:
    ana = pumps(browse, "Pump older")
    ana.post("/datasets/pump-older/upload", {}, files={"file": ("p.csv", CSV + b"p1,1,1\n", "text/csv")})
    browse.town.work()
    older = ana.get("/datasets/pump-older?version=1").text
    assert '<input type="hidden" name="version" value="1">' in older
    switch = {"check": "missing", "column": "flow", "on": ""}
    answer = ana.post("/datasets/pump-older/checks", switch | {"version": "1"})
    assert answer.headers["location"].endswith("/datasets/pump-older?version=1#quality")
    answer = ana.post("/datasets/pump-older/checks", switch | {"version": ""})
    assert answer.headers["location"].endswith("/datasets/pump-older#quality")


def test_missing_and_empty_values_are_counted_together_and_lead_to_as_many_rows(browse: Pages) -> None:
    rows = b"pump,note\n" + b"".join(b"p%d,%s\n" % (i, (b"", b'" "', b"ok")[i % 3]) for i in range(90))
    ana = pumps(browse, "Pump notes", rows)
    page = ana.get("/datasets/pump-notes?col=note").text
    [(href, shown)] = re.findall(
        r'href="([^"]*where=note%3Amissing[^"]*)">\(missing\)</a>.*?>(\d+)<', page, re.DOTALL
    )
    found = ana.get("/" + href.replace("&amp;", "&")).text
    assert shown == "60"
    assert "60 rows" in found
    assert "(empty)" not in page


@pytest.mark.parametrize(
    ("fields", "says"),
    [({"check": "taste"}, "no such check"), ({"check": "missing", "column": "flaw"}, "flow")],
)
def test_a_check_that_is_none_is_not_switched(browse: Pages, fields: dict[str, str], says: str) -> None:
    check = fields["check"]
    answer = pumps(browse, f"Pump {check} check").post(f"/datasets/pump-{check}-check/checks", fields)
    assert answer.status_code == 422
    assert says in answer.text


def test_a_failure_says_since_when(browse: Pages) -> None:
    ana = pumps(browse, "Pump since", CSV.replace(b",9000", b",90"))
    for content in (CSV, CSV + b"p1,20.5,61\n"):
        ana.post("/datasets/pump-since/upload", {}, files={"file": ("p.csv", content, "text/csv")})
        browse.town.work()
    stamps = {
        each["number"]: each["created_at"]
        for each in ana.get("/datasets/pump-since/versions.json").json()["items"]
    }
    rows = re.findall(r'<tr id="check-\d+">.*?</tr>', ana.get("/datasets/pump-since").text, re.DOTALL)
    since = {row.split("</td>")[0].rpartition(">")[2]: re.findall(r'datetime="([^"]+)"', row) for row in rows}
    assert since["Missing values"] == [stamps[1]]
    assert since["Far out of range"] == [stamps[2]]
    assert since["Constant columns"] == []
    assert "The grey line is version 2" in ana.get("/datasets/pump-since?col=heat").text

    ana.post("/datasets/pump-since/checks", {"check": "missing", "column": "flow", "on": ""})
    items = ana.get("/datasets/pump-since/versions.json").json()["items"]
    assert [each["quality"] for each in items] == [99, 99, 100]
    assert "100/100" in ana.get("/datasets/pump-since?version=1").text


def test_a_column_is_ignored_and_used_again_from_the_profile(browse: Pages) -> None:
    ana = pumps(browse, "Pump roles")
    page = ana.get("/datasets/pump-roles").text
    assert 'aria-label="Ignore heat"' in page
    answer = ana.post("/datasets/pump-roles/role", {"column": "heat", "role": "ignored"})
    assert answer.headers["location"].endswith("/datasets/pump-roles#column-2")
    changed = ana.follow(answer).text
    assert "heat: ignored." in changed
    assert "from before the columns changed" in changed
    browse.town.work()
    assert 'aria-label="Use heat"' in ana.get("/datasets/pump-roles").text
    refused = ana.post("/datasets/pump-roles/role", {"column": "heat", "role": "taste"})
    assert refused.status_code == 422


def test_rows_without_a_profile_show_the_one_before(browse: Pages) -> None:
    ana = pumps(browse, "Pump later")
    ana.post("/datasets/pump-later/upload", {}, files={"file": ("p.csv", CSV + b"p1,1,1\n", "text/csv")})
    page = ana.get("/datasets/pump-later").text
    assert "Version 2 has no profile yet" in page
    assert "96/100" in page
    browse.town.work()
    assert "has no profile" not in ana.get("/datasets/pump-later").text


def test_the_histogram_is_given_as_csv(browse: Pages) -> None:
    ana = pumps(browse, "Pump bins")
    answer = ana.get("/datasets/pump-bins?col=heat&scale=log&chart=spread")
    assert answer.headers["content-type"].startswith("text/csv")
    lines = answer.text.splitlines()
    assert len(lines) == 31
    assert sum(int(line.rsplit(",", 1)[1]) for line in lines[1:]) == 120
    assert int(lines[-1].rsplit(",", 1)[1]) == 1


def test_rows_are_counted_over_time_and_what_is_rare_is_counted_together(browse: Pages) -> None:
    content = b"at,kind\n" + b"".join(
        b"2025-%02d-01 06:00,k%d\n" % (1 + i % 3 * 4, i % 30) for i in range(90)
    )
    ana = pumps(browse, "Pump calls", content)
    panel = ana.get("/datasets/pump-calls?col=at").text
    assert "Rows by at, per 7 days" in panel
    assert "32 of 35 have no rows" in panel
    assert len(re.findall("<td>30</td>", panel)) == 3
    kinds = ana.get("/datasets/pump-calls?col=kind").text
    assert "The 20 commonest values" in kinds
    assert re.search(r"Other</td>.*?30", kinds, re.DOTALL)


def test_rows_are_filtered_by_form_by_facet_and_by_address(browse: Pages) -> None:
    ana = pumps(browse, "Pump rows")
    answer = ana.get("/datasets/pump-rows/rows?column=heat&operator=gte&value=1000&where=pump%3Aeq%3Ap1")
    assert answer.headers["location"].endswith("/rows?where=pump%3Aeq%3Ap1&where=heat%3Agte%3A1000")
    page = ana.follow(answer).text
    assert "1 of 1 row" in page
    assert "Remove heat is at least 1000" in page
    assert 'aria-current="true">p1' in page
    assert 'hx-select="#found"' in page
    listed = ana.get("/datasets/pump-rows/rows.json?where=heat:gte:1000").json()["items"]
    assert listed == [{"row": 77, "pump": "p1", "flow": 20.5, "heat": 9000}]
    assert len(ana.get("/datasets/pump-rows/rows.csv").text.splitlines()) == 121
    nothing = ana.get("/datasets/pump-rows/rows?where=pump:eq:p9").text
    assert 'data-empty="filtered"' in nothing
    assert "0 of 120 rows match" in nothing


def test_a_value_too_long_for_an_address_leads_nowhere(browse: Pages) -> None:
    rows = "kind,size\n" + "".join(f"{'long' * 1_000 if i % 2 else 'short'},{i}\n" for i in range(40))
    ana = pumps(browse, "Pump texts", rows.encode())
    for path in ("rows", "?col=kind"):
        page = ana.get(f"/datasets/pump-texts/{path}".replace("/?", "?")).text
        assert "kind%3Aeq%3Ashort" in page
        assert "kind%3Aeq%3Along" not in page


@pytest.mark.parametrize("where", ["heat:gte:warm", "nothing:eq:1", "heat", "a" * 600])
def test_a_condition_that_cannot_be_applied_is_told(browse: Pages, where: str) -> None:
    ana, dataset = browse.again(Role.VIEWER), browse.acme.ids["dataset"]
    answer = ana.get(f"/datasets/{dataset}/rows", params={"where": where})
    assert answer.status_code == 422
    assert 'role="alert"' in answer.text


def test_every_row_is_on_some_page(browse: Pages) -> None:
    ana = pumps(browse, "Pump pages")
    seen: list[str] = []
    path = "/datasets/pump-pages/rows"
    while path:
        page = ana.get(path).text
        seen += re.findall(r'<tr id="row-(\d+)"', page)
        following = re.search(r'rel="next"[^>]*? href="([^"]+)"', page)
        path = "/" + following[1].replace("&amp;", "&") if following else ""
    assert seen == [str(n) for n in range(120)]


def test_versions_say_how_columns_changed(browse: Pages) -> None:
    ana = pumps(browse, "Pump versions")
    other = CSV.replace(b"heat", b"temperature")
    ana.post("/datasets/pump-versions/upload", {}, files={"file": ("p.csv", other, "text/csv")})
    page = ana.get("/datasets/pump-versions/versions").text
    assert "new: temperature; gone: heat" in page
    assert "3 columns" in page
    older = ana.get("/datasets/pump-versions?version=1&col=pump").text
    assert "version 1 of 2" in older
    for rows in (
        "?version=1",
        "?where=pump%3Aeq%3Ap1&amp;version=1",
        "?where=flow%3Amissing%3A&amp;version=1",
    ):
        assert f'href="/t/acme/datasets/pump-versions/rows{rows}"' in older


def test_rows_are_added_and_those_that_do_not_fit_are_named(browse: Pages) -> None:
    ana = pumps(browse, "Pump additions")
    added = ana.post("/datasets/pump-additions/append", {"rows": "pump,flow,heat\np1,20.5,61\n"})
    assert "1 row added." in ana.follow(added).text
    partly = ana.post(
        "/datasets/pump-additions/append", {"rows": "pump,flow,heat\np1,20.5,61\np1,wide,61\n"}
    ).text
    assert "1 row added, 1 left out" in partly
    assert 'id="row-problems"' in partly
    assert "flow" in partly
    nothing = ana.post("/datasets/pump-additions/append", {"rows": "pump,flow,heat\np1,wide,61\n"})
    assert nothing.status_code == 422


def test_a_dataset_is_renamed_and_its_address_stays(browse: Pages) -> None:
    ana = pumps(browse, "Pump names")
    answer = ana.post("/datasets/pump-names/edit", {"name": "Pumps, north", "description": "of the hall"})
    page = ana.follow(answer).text
    assert "Pumps, north" in page
    assert "of the hall" in page
    assert "Saved." in page
    ana.post("/datasets/pump-names/edit", {"name": "Pumps,\u00a0 south"})
    assert "<h1>Pumps, south</h1>" in ana.get("/datasets/pump-names").text
    assert ana.post("/datasets/pump-names/edit", {"name": ""}).status_code == 422


def test_a_stored_name_is_text_on_every_page(browse: Pages) -> None:
    hostile = "<img src=x onerror=alert(1)>"
    ana = pumps(
        browse, "Pump script", CSV.replace(b"heat", hostile.encode()).replace(b"p1", hostile.encode())
    )
    ana.post("/datasets/pump-script/edit", {"name": hostile, "description": hostile})
    of_column = f"?{urlencode({'col': hostile})}"
    steps = (
        "",
        of_column,
        "?checks=failed",
        "/rows",
        "/versions",
        "/schema",
        "/edit",
        "/delete",
        "/append",
        "/upload",
    )
    pages = [ana.get(f"/datasets/pump-script{step}").text for step in steps] + [ana.get("/datasets").text]
    assert all("<img" not in page and "&lt;img src=x" in page for page in pages)


def test_deleting_asks_for_the_name(browse: Pages) -> None:
    ana = pumps(browse, "Pump end")
    wrong = ana.post("/datasets/pump-end/delete", {"confirmation": "pump"})
    assert wrong.status_code == 422
    assert ana.get("/datasets/pump-end").status_code == 200
    answer = ana.post("/datasets/pump-end/delete", {"confirmation": "Pump end"})
    assert "Pump end is deleted." in ana.follow(answer).text
    assert ana.get("/datasets/pump-end").status_code == 404


def test_profiling_can_be_repeated(browse: Pages) -> None:
    ana = pumps(browse, "Pump again")
    page = ana.follow(ana.post("/datasets/pump-again/profile")).text
    assert "data-job" in page
    assert "96/100" not in page
    assert "far outside of" in page
    browse.town.work()
    assert "96/100" in ana.get("/datasets/pump-again").text


@pytest.mark.parametrize("form", ["csv", "ndjson", "parquet"])
def test_rows_are_downloaded(browse: Pages, form: str) -> None:
    answer = browse.again(Role.VIEWER).get(f"/datasets/{browse.acme.ids['dataset']}/file?format={form}")
    assert answer.status_code == 200
    assert f".{form}" in answer.headers["content-disposition"]


def test_the_rows_that_a_filter_finds_are_taken_away_as_parquet(browse: Pages) -> None:
    ana = pumps(browse, "Pump file")
    page = ana.get("/datasets/pump-file/rows?where=pump:eq:p1&where=heat:gte:100").text
    link = re.search(r'href="/t/acme(/datasets/pump-file/file\?format=parquet[^"]*)"', page)
    assert link is not None
    found = pl.read_parquet(ana.get(link[1].replace("&amp;", "&")).content)
    assert 0 < len(found) < 30
    assert set(found["pump"]) == {"p1"}
    assert ana.get("/datasets/pump-file/file?where=nothing:eq:1").status_code == 404


def test_a_viewer_sees_all_and_changes_nothing(browse: Pages) -> None:
    pumps(browse, "Pump looks")
    vic = browse.again(Role.VIEWER)
    page = vic.get("/datasets/pump-looks").text
    main = page[page.index("<main") : page.index("</main")]
    assert "<form" not in main
    assert "Delete" not in main
    assert "New rows" not in main
    assert "<select" not in vic.get("/datasets/pump-looks/schema").text
    assert vic.post("/datasets/pump-looks/checks", {"check": "missing"}).status_code == 403
    for step in ("edit", "delete", "append", "upload"):
        assert vic.get(f"/datasets/pump-looks/{step}").status_code == 403
        assert vic.post(f"/datasets/pump-looks/{step}", {"name": "mine"}).status_code == 403


def test_another_tenants_dataset_is_as_one_that_never_was(browse: Pages) -> None:
    ana = browse.again(Role.ANALYST)
    foreign, random = browse.bravo.ids["dataset"], "ds_01K8Z4V0Q6T9M3W5C2R7N0B1DG"
    for step in ("", "/rows", "/schema", "/versions", "/edit", "/delete", "/append", "/upload", "/file"):
        answers = [ana.get(f"/datasets/{each}{step}") for each in (foreign, random)]
        assert [each.status_code for each in answers] == [404, 404]
        assert browse.bravo.marker not in answers[0].text
