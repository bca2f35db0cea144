"""Databases that rows are fetched from."""

import pytest

from people_ops.domain.permissions import Role
from tests.support.pages import Pages

URL = "postgresql://reader:hunter2@203.0.113.9/shop"


def test_an_administrator_connects_a_database_and_its_password_is_never_shown(browse: Pages) -> None:
    admin = browse.again(Role.TENANT_ADMIN)
    answer = admin.post("/sources/new", {"name": "Shop", "url": URL, "query": "SELECT * FROM orders"})
    page = admin.follow(answer).text
    assert answer.headers["location"] == "/t/acme/sources/shop"
    assert "SELECT * FROM orders" in page
    assert "hunter2" not in page
    assert "Shop" in admin.get("/sources").text


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"name": "", "url": URL}, "name"),
        ({"name": "A", "url": "ftp://x"}, "url"),
        ({"name": "B", "url": "x" * 2001}, "url"),
        ({"name": "C", "url": URL, "query": "DROP TABLE x"}, "query"),
    ],
)
def test_what_is_refused_is_told_at_its_field_and_the_address_is_not_sent_back(
    browse: Pages, fields: dict[str, str], field: str
) -> None:
    answer = browse.again(Role.TENANT_ADMIN).post("/sources/new", fields)
    assert answer.status_code == 422
    assert f'href="#field-{field}"' in answer.text
    assert "hunter2" not in answer.text


def test_a_test_says_what_is_in_the_way(browse: Pages) -> None:
    admin = browse.again(Role.TENANT_ADMIN)
    admin.post("/sources/new", {"name": "Loop", "url": "postgresql://a:b@127.0.0.1/x"})
    answer = admin.post("/sources/loop/test")
    assert answer.status_code == 422
    assert 'role="alert"' in answer.text


def test_a_source_is_deleted(browse: Pages) -> None:
    admin = browse.again(Role.TENANT_ADMIN)
    admin.post("/sources/new", {"name": "Old", "url": URL})
    assert "Old is deleted" in admin.follow(admin.post("/sources/old/delete")).text


def test_an_analyst_sees_sources_and_may_not_change_them(browse: Pages) -> None:
    ana, source = browse.again(Role.ANALYST), browse.acme.ids["source"]
    page = ana.get(f"/sources/{source}")
    main = page.text[page.text.index("<main") : page.text.index("</main")]
    assert page.status_code == 200
    assert "<form" not in main
    assert ana.get("/sources/new").status_code == 403
    assert ana.post(f"/sources/{source}/delete").status_code == 403
    assert ana.post(f"/sources/{source}/test").status_code == 403


def test_another_tenants_source_is_unknown(browse: Pages) -> None:
    admin, foreign = browse.again(Role.TENANT_ADMIN), browse.bravo.ids["source"]
    assert admin.get(f"/sources/{foreign}").status_code == 404
    assert admin.post(f"/sources/{foreign}/delete").status_code == 404
