"""An operator looks into a tenant: for a reason, for minutes, reading alone, told in both audit logs."""

import re
from threading import Timer

import pytest
from sqlalchemy import update

from core.domain.ids import PLATFORM
from core.infrastructure.database import Purpose
from core.infrastructure.jobs import jobs
from enterprise.api import Enterprise
from enterprise.application.ports import AuditFilter, AuditView
from people_ops.domain.permissions import Role
from tests.support.pages import Browser, Pages

REASON = "Ticket 4711: a run <fails>"


@pytest.fixture
def operator(browse: Pages) -> Browser:
    return browse(Role.OPERATOR, slug="platform")


def entries(browse: Pages, slug: str, action: str) -> list[AuditView]:
    tenant_id = PLATFORM if slug == "platform" else browse.town.tenant(slug)
    return list(browse.town.service.bundles[Enterprise].audit.all(tenant_id, AuditFilter(action=action)))


def looking(operator: Browser) -> Browser:
    answer = operator.post("//admin/tenants/acme/look", {"reason": REASON})
    assert answer.headers["location"] == "/t/acme/"
    return Browser(operator.client, "acme")


def test_without_a_look_a_tenant_is_closed_to_operators(operator: Browser) -> None:
    assert operator.get("//t/acme/datasets").status_code == 404
    assert 'href="/admin/tenants/acme/look"' in operator.get("//admin/tenants/acme").text


@pytest.mark.parametrize("reason", ["", "  ", "x" * 201, "two\nlines"])
def test_a_look_needs_a_reason(operator: Browser, reason: str) -> None:
    answer = operator.post("//admin/tenants/acme/look", {"reason": reason})
    assert answer.status_code == 422
    assert "field-reason-error" in answer.text
    assert operator.get("//t/acme/datasets").status_code == 404


def test_a_look_reads_what_a_viewer_reads_and_changes_nothing(browse: Pages, operator: Browser) -> None:
    acme = looking(operator)
    page = acme.get(f"/datasets/{browse.acme.ids['dataset']}")
    assert page.status_code == 200
    assert "You look into <strong>acme</strong> as an operator" in page.text
    assert 'action="/admin/tenants/acme/look/stop"' in page.text
    for path in ("/settings/people", "/settings/audit", "/settings/keys", "/datasets/new"):
        assert acme.get(path).status_code == 403, path
    label = f"/runs/{browse.acme.ids['run']}/rows/5/label"
    views = {"page": "/runs", "name": "mine", "query": ""}
    for path, fields in ((label, {"verdict": "true"}), ("/views", views), ("/views/viw_x/delete", {})):
        answer = acme.post(path, fields)
        assert answer.status_code == 403, path
    assert "You are only looking" in acme.post("/views", views).text
    assert Browser(operator.client, "bravo").get("/datasets").status_code == 404
    assert "You look into" not in operator.get("//admin/tenants").text


def test_a_look_is_in_both_logs_and_ends_when_stopped(browse: Pages, operator: Browser) -> None:
    acme = looking(operator)
    assert acme.get("/").status_code == 200
    stopped = operator.follow(operator.post("//admin/tenants/acme/look/stop"))
    assert "You have stopped looking." in stopped.text
    assert acme.get("/").status_code == 404
    for slug in ("acme", "platform"):
        assert entries(browse, slug, "impersonation.started")[-1].after["reason"] == REASON
        assert entries(browse, slug, "impersonation.ended")
    read = browse(Role.TENANT_ADMIN).get("/settings/audit?action=impersonation.started").text
    assert "an operator" in read
    assert "reason: Ticket 4711: a run &lt;fails&gt;" in read


def test_what_streams_into_a_look_ends_with_it(browse: Pages, operator: Browser) -> None:
    acme, dataset = looking(operator), browse.acme.ids["dataset"]
    ana = browse.again(Role.ANALYST)
    browse.town.work()
    ana.post(f"/datasets/{dataset}/profile")
    found = re.search(r'data-job="/t/acme([^"]+)"', acme.get(f"/datasets/{dataset}").text)
    assert found is not None

    def stop_and_go_on() -> None:
        operator.post("//admin/tenants/acme/look/stop")
        with browse.town.service.storage.database.system_transaction(Purpose.OPERATOR) as session:
            session.execute(update(jobs).values(message="not for them"))

    Timer(0.3, stop_and_go_on).start()
    ends = Timer(5, browse.town.work)
    ends.start()
    streamed = acme.get(found[1].replace("&amp;", "&")).text
    ends.cancel()
    browse.town.work()
    assert streamed.startswith("event: job")
    assert streamed.endswith("event: done\ndata: over\n\n")
    assert "not for them" not in streamed.lower()


def test_another_sign_in_does_not_go_on_looking(browse: Pages) -> None:
    person = browse.town.person("platform", Role.OPERATOR)
    first = browse.of(person, "platform")
    looking(first)
    assert browse.of(person, "platform").get("//t/acme/").status_code == 404
    assert first.get("//t/acme/").status_code == 200


def test_looks_are_for_operators_and_into_tenants_there_are(browse: Pages, operator: Browser) -> None:
    assert browse(Role.TENANT_ADMIN).post("//admin/tenants/bravo/look", {"reason": "x"}).status_code == 403
    assert operator.post("//admin/tenants/nobody/look", {"reason": "x"}).status_code == 404


def test_account_and_menus_stay_the_operators_own(operator: Browser) -> None:
    looking(operator)
    account = operator.get("//account")
    assert account.status_code == 200
    assert not re.search(r'href="/t/acme/', account.text)
