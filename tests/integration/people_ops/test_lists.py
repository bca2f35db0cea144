"""Lists of people, keys, invitations, tenants and audit entries, filtered and sorted on both databases."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from core.application.job_list import JobFilter
from core.application.jobs import JobState
from core.domain.actor import Actor
from core.domain.ids import PLATFORM
from core.domain.page import Page
from core.infrastructure.job_sql import SqlJobs
from enterprise.application.ports import AuditFilter, TenantFilter
from people_ops.application.ports import PeopleFilter
from people_ops.domain.permissions import ALL
from tests.support.people import House


def all_of(read: Callable[[str | None], Page[Any]]) -> list[Any]:
    """Page by page."""
    found: list[Any] = []
    cursor = None
    while True:
        page = read(cursor)
        found += page.items
        if (cursor := page.next_cursor) is None:
            return found


@pytest.fixture
def admin(house: House) -> Actor:
    owner = house.person("owner@acme.io", "tenant_admin")
    return Actor(tenant_id=house.acme, user_id=owner, permissions=ALL)


def emails(house: House, wanted: PeopleFilter, sort: str = "email") -> list[str]:
    queries = house.people.queries
    found = all_of(lambda cursor: queries.members(house.acme, wanted, sort=sort, limit=2, cursor=cursor))
    return [each.email for each in found]


def test_people(house: House, admin: Actor) -> None:
    house.tenant("beta")
    house.person("b_1@acme.io", "viewer", "analyst")
    out = house.person("bx1@acme.io", "viewer")
    house.person("ben@beta.io", "viewer", tenant_id=house.tenant_of("beta"))
    house.people.change_member(admin, out, disabled=True)
    everybody = ["b_1@acme.io", "bx1@acme.io", "owner@acme.io"]
    assert sorted(emails(house, PeopleFilter())) == everybody
    assert emails(house, PeopleFilter(), "-email") == emails(house, PeopleFilter())[::-1]
    assert sorted(emails(house, PeopleFilter(), "-created_at")) == everybody
    assert emails(house, PeopleFilter(search="B_1")) == ["b_1@acme.io"]
    assert emails(house, PeopleFilter(role="analyst")) == ["b_1@acme.io"]
    assert emails(house, PeopleFilter(role="admin")) == []
    assert emails(house, PeopleFilter(state="disabled")) == ["bx1@acme.io"]
    assert sorted(emails(house, PeopleFilter(state="active"), "name")) == ["b_1@acme.io", "owner@acme.io"]


def test_keys(house: House, admin: Actor) -> None:
    made = [
        house.people.create_key(admin, name=name, scopes=["read"], days=30).id for name in ("b", "a", "A%")
    ]
    house.people.revoke_key(admin, made[0])

    def names(wanted: PeopleFilter, sort: str = "-created_at") -> list[str]:
        read = house.people.queries.keys
        return [
            each.name
            for each in all_of(lambda cursor: read(house.acme, wanted, sort=sort, limit=1, cursor=cursor))
        ]

    assert names(PeopleFilter()) == names(PeopleFilter(), "created_at")[::-1]
    assert names(PeopleFilter(search="%")) == ["A%"]
    assert names(PeopleFilter(state="revoked"), "name") == ["b"]
    assert sorted(names(PeopleFilter(search="a", state="active"), "-expires_at")) == ["A%", "a"]
    assert names(PeopleFilter(state="expired")) == []


def test_invitations(house: House, admin: Actor) -> None:
    ways_in = house.people.ways_in
    made = [ways_in.invite(admin, email=f"{name}@x.io", roles=["viewer"]).id for name in "ab"]
    ways_in.revoke_invitation(admin, made[0])

    def found(state: str) -> list[str]:
        read, wanted = ways_in.invitations.page, PeopleFilter(state=state)
        rows = all_of(lambda cursor: read(house.acme, wanted, sort="-email", limit=1, cursor=cursor))
        return [each.email for each in rows]

    assert found("") == ["b@x.io", "a@x.io"]
    assert (found("waiting"), found("open"), found("revoked")) == (["b@x.io"], ["b@x.io"], ["a@x.io"])
    assert (found("accepted"), found("expired")) == ([], [])


def test_tenants(house: House) -> None:
    house.tenant("beta")

    def slugs(wanted: TenantFilter, sort: str = "slug") -> list[str]:
        read = house.enterprise.tenants.of_all
        return [each.slug for each in all_of(lambda cursor: read(wanted, sort=sort, limit=1, cursor=cursor))]

    assert slugs(TenantFilter()) == ["acme", "beta", "platform"] == slugs(TenantFilter(), "-slug")[::-1]
    assert slugs(TenantFilter(search="ET", state="active", plan="free"), "-name") == ["beta"]
    assert slugs(TenantFilter(state="suspended")) == []


def test_audit_entries(house: House, admin: Actor) -> None:
    house.people.create_key(admin, name="a", scopes=["read"], days=30)

    def actions(wanted: AuditFilter, sort: str = "number") -> list[str]:
        read = house.enterprise.audit.page
        rows = all_of(lambda cursor: read(house.acme, wanted, sort=sort, limit=1, cursor=cursor))
        return [each.action for each in rows]

    assert actions(AuditFilter()) == actions(AuditFilter(), "-number")[::-1]
    assert actions(AuditFilter(who="OWNER@")) == ["key.created"]
    assert actions(AuditFilter(who="nobody")) == []


def test_jobs(house: House, admin: Actor) -> None:
    owner = house.person("gone@acme.io", "viewer")
    for _ in range(2):
        house.people.ways_in.invite(admin, email=f"{_}@x.io", roles=["viewer"])
    house.people.erase_member(admin, owner)
    queries = SqlJobs(house.storage.database)
    wanted = JobFilter((JobState.QUEUED,), ("mail.send",))
    rows = all_of(lambda cursor: queries.page(house.acme, wanted, sort="created_at", limit=1, cursor=cursor))
    again = all_of(lambda cursor: queries.of_all(wanted, sort="-created_at", limit=1, cursor=cursor))
    assert [each.id for each in rows] == [each.id for each in again][::-1]
    assert len(rows) == 2
    first = min(each.created_at for each in rows)
    for since, until, expected in ((first, None, 2), (None, first, 0)):
        within = replace(wanted, since=since, until=until)
        assert len(queries.page(house.acme, within, limit=9, cursor=None).items) == expected


def test_a_look_is_ended_by_who_began_it(house: House) -> None:
    operator = house.person("op@example.org", "operator", tenant_id=PLATFORM)
    actor = Actor(tenant_id=PLATFORM, user_id=operator)
    token = house.people.impersonate(actor, house.acme, reason="Ticket 1")
    someone = Actor(
        tenant_id=PLATFORM, user_id=house.person("op2@example.org", "operator", tenant_id=PLATFORM)
    )
    bearer = {"Authorization": f"Bearer {token}"}
    house.people.end_impersonation(someone, house.acme)
    assert house.ask("GET", "/me", bearer).status_code == 200
    house.people.end_impersonation(actor, house.acme)
    assert house.ask("GET", "/me", bearer).status_code == 401
    for tenant_id in (house.acme, PLATFORM):
        audited = list(house.enterprise.audit.all(tenant_id, AuditFilter()))
        assert [each.action for each in audited].count("impersonation.ended") == 1
        (began,) = [each for each in audited if each.action == "impersonation.started"]
        assert began.after["reason"] == "Ticket 1"
