"""Lists of the operator and of the audit log: filters, orders, twins, saved views; the forms of tenants."""

import pytest

from core.domain.public_ids import shown
from people_ops.domain.permissions import Role
from tests.support.pages import Browser, Pages


@pytest.fixture(scope="module")
def operator(browse: Pages) -> Browser:
    return browse.again(Role.OPERATOR, slug="platform")


def items(browser: Browser, path: str) -> list[dict[str, object]]:
    answer = browser.get(path)
    assert answer.status_code == 200, answer.text
    found: list[dict[str, object]] = answer.json()["items"]
    return found


def test_tenants_are_searched_filtered_and_sorted(operator: Browser) -> None:
    slugs = [str(each["slug"]) for each in items(operator, "//admin/tenants.json?sort=slug")]
    assert (
        slugs
        == sorted(slugs)
        == [each["slug"] for each in items(operator, "//admin/tenants.json?sort=-slug")][::-1]
    )
    (found,) = items(operator, "//admin/tenants.json?q=ACM&state=active&plan=enterprise")
    assert found["slug"] == "acme"
    assert items(operator, "//admin/tenants.json?q=acme&state=suspended") == []
    page = operator.get("//admin/tenants?q=zzz").text
    assert 'data-empty="filtered"' in page
    assert "Short name or name: zzz" in page
    assert operator.get("//admin/tenants?state=odd").status_code == 422


def test_jobs_of_all_tenants_name_the_tenant(operator: Browser) -> None:
    found = items(operator, "//admin/jobs.json?kind=run.execute&sort=created_at&limit=500")
    assert {each["tenant"] for each in found} >= {"acme", "bravo"}
    assert {each["kind"] for each in found} == {"run.execute"}
    times = [each["created_at"] for each in found]
    assert times == sorted(times, key=str)
    assert "ten_" not in operator.get("//admin/jobs").text


def test_an_operators_view_leads_back_to_its_list(operator: Browser) -> None:
    fields = {"page": "/admin/tenants", "name": "suspended", "query": "state=suspended"}
    answer = operator.post("/views", fields)
    assert answer.headers["location"] == "/admin/tenants?state=suspended"
    assert "suspended</a>" in operator.follow(answer).text


def test_the_audit_log_is_filtered_by_who_what_and_on_what(browse: Pages) -> None:
    admin = browse.of(browse.acme.owner, "acme")
    email = browse.acme.owner.email
    of_owner = items(admin, f"/settings/audit.json?who={email.upper()}&limit=500")
    assert {each["who"] for each in of_owner} == {email}
    made = items(admin, "/settings/audit.json?action=dataset.created&sort=number")
    on = made[0]["object"]
    about = items(admin, f"/settings/audit.json?object={on}&sort=number")
    assert about[0]["number"] == made[0]["number"]
    assert {each["object"] for each in about} == {on}
    assert admin.get("/settings/audit?object=nonsense").status_code == 400
    assert 'data-empty="filtered"' in admin.get("/settings/audit?who=nobody@nowhere").text


def test_a_change_is_told_in_words(browse: Pages) -> None:
    admin = browse.of(browse.acme.owner, "acme")
    member = shown("usr", browse.town.person("acme", Role.VIEWER).user_id)
    assert browse.acme.owner("PATCH", f"/members/{member}", json={"roles": ["analyst"]}).status_code == 200
    (change,) = items(admin, f"/settings/audit.json?action=member.changed&object={member}")
    assert change["change"] == "roles: viewer → analyst"
    signed_in = items(admin, "/settings/audit.json?action=login.succeeded&limit=1")[0]
    assert str(signed_in["change"]).startswith("session: ses_")


LIMITS = {
    "plan": "team",
    "rows_stored": "",
    "models": "7",
    "users": "",
    "concurrent_jobs": "",
    "rows_scored_per_day": "",
    "requests_per_minute": "",
}


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("name", "x" * 121, "Type one line of 120 characters at most."),
        ("name", "", "A tenant has a name."),
        ("users", "many", "is no limit"),
    ],
)
def test_a_refused_change_of_a_tenant_keeps_what_was_typed(
    operator: Browser, name: str, value: str, said: str
) -> None:
    answer = operator.post("//admin/tenants/bravo", {"name": "Renamed", **LIMITS, name: value})
    assert answer.status_code == 422
    assert said in answer.text
    assert f'href="#field-{name}"' in answer.text
    assert 'value="7"' in answer.text
    assert "Renamed" not in operator.get("//admin/tenants.json").text


@pytest.mark.parametrize(
    ("sent", "field"),
    [({"slug": "-x"}, "slug"), ({"slug": "x" * 64}, "slug"), ({"slug": "ok", "name": "x" * 121}, "name")],
)
def test_a_tenant_that_cannot_be_is_refused_at_its_field(
    operator: Browser, sent: dict[str, str], field: str
) -> None:
    answer = operator.post("//admin/tenants", sent)
    assert answer.status_code == 422
    assert f'id="field-{field}-error"' in answer.text


def test_a_plan_that_there_is_not_makes_no_error_page(operator: Browser) -> None:
    answer = operator.post("//admin/tenants", {"slug": "oddplan", "plan": "platinum"})
    assert answer.headers["location"] == "/admin/tenants/oddplan"


def test_the_platform_itself_offers_nothing_that_it_refuses(operator: Browser) -> None:
    page = operator.get("//admin/tenants/platform").text
    for form in ("/suspend", "/delete", 'name="plan"'):
        assert form not in page, form


def test_the_platforms_front_leads_to_its_tenants(operator: Browser) -> None:
    assert operator.get("//admin").headers["location"] == "/admin/tenants"
