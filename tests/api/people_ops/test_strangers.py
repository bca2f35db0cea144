"""Ids of another tenant are answered as ids that nobody has."""

from typing import Any
from uuid import UUID

import pytest

from core.domain.actor import Actor
from core.domain.ids import new_id
from core.presentation.ids import shown
from people_ops.domain.permissions import ALL
from tests.support.people import House

ROUTES: tuple[tuple[str, str, str, Any], ...] = (
    ("GET", "usr", "/members/{id}", None),
    ("PATCH", "usr", "/members/{id}", {"roles": ["viewer"]}),
    ("PATCH", "usr", "/members/{id}", {"disabled": True}),
    ("DELETE", "usr", "/members/{id}", None),
    ("POST", "usr", "/members/{id}/erasure", None),
    ("POST", "inv", "/members/invitations/{id}/resend", None),
    ("DELETE", "inv", "/members/invitations/{id}", None),
    ("PATCH", "role", "/roles/{id}", {"permissions": ["runs:read"]}),
    ("DELETE", "role", "/roles/{id}", None),
    ("DELETE", "key", "/keys/{id}", None),
    ("DELETE", "ses", "/auth/sessions/{id}", None),
)


@pytest.fixture
def theirs(house: House) -> dict[str, UUID]:
    """One of each in the tenant ``other``, by the prefix of its id."""
    other = house.tenant("other")
    user_id = house.person("bob@other.io", "tenant_admin", tenant_id=other)
    house.signed_in("bob@other.io")
    people, actor = house.people, Actor(tenant_id=other, user_id=user_id, permissions=ALL)
    [session] = people.queries.sessions(other, user_id)
    return {
        "usr": user_id,
        "inv": people.ways_in.invite(actor, email="eve@other.io", roles=["viewer"]).id,
        "role": people.create_role(actor, name="auditor", permissions=["runs:read"]),
        "key": people.create_key(actor, name="import", scopes=["read"], days=1).id,
        "ses": session.id,
    }


def test_another_tenants_are_not_found_and_stay_as_they_are(house: House, theirs: dict[str, UUID]) -> None:
    house.person("tom@acme.io", "tenant_admin")
    tom, other = house.signed_in("tom@acme.io"), house.tenant_of("other")
    before = house.audited(other)
    for method, prefix, path, body in ROUTES:
        nobodys = asked(house, tom, method, path.format(id=shown(prefix, new_id())), body)
        foreign = asked(house, tom, method, path.format(id=shown(prefix, theirs[prefix])), body)
        malformed = asked(house, tom, method, path.format(id="x"), body)
        assert (foreign[0], foreign, malformed) == (404, nobodys, nobodys), (method, path)
    assert house.audited(other) == before


def asked(house: House, headers: dict[str, str], method: str, path: str, body: Any) -> tuple[int, Any]:
    """The status and the problem, but for the path that it repeats."""
    answer = house.ask(method, path, headers, json=body)
    return answer.status_code, {**answer.json(), "instance": ""}
