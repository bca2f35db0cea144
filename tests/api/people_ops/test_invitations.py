"""Invitations and password resets, on both databases."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from core.application.quota import Quota
from core.domain.actor import Actor
from core.domain.ids import PLATFORM
from core.infrastructure.sql import Storage
from people_ops.application.invite_member import MoreThanYouMay
from tests.support.fakes import FakeAuditLog, FakeClock, FakeQuotas
from tests.support.ways_in import Door, as_

INVITATIONS = "/api/v1/members/invitations"
ACCEPTANCE = "/api/v1/auth/invitations/acceptance"
RESETS = "/api/v1/auth/password-resets"


@pytest.fixture
def door(storage: Storage) -> Door:
    return Door(storage)


def invite(
    door: Door, email: str = "Ben@Example.org", roles: tuple[str, ...] = ("analyst",), by: str = "admin"
) -> Any:
    return door.client().post(INVITATIONS, json={"email": email, "roles": roles}, headers=as_(by))


def accept(door: Door, token: str, **body: str) -> Any:
    return door.client().post(ACCEPTANCE, json={"token": token} | body)


def invited(door: Door) -> str:
    """The token that a new person got by mail."""
    assert invite(door).status_code == 201
    door.work()
    return door.mailer.token


def test_an_invited_person_joins_with_the_roles_given(
    door: Door, audit_log: FakeAuditLog, quotas: FakeQuotas
) -> None:
    answer = accept(door, invited(door), name="Ben", password="a long password")
    user = door.user("ben@example.org")
    assert answer.status_code == 200
    assert user is not None
    assert (user.name, door.roles(user, door.tenant_id)) == ("Ben", ["analyst"])
    assert quotas.used[door.tenant_id, Quota.USERS] == 1
    assert audit_log.actions == ["invitation.created", "member.joined", "invitation.accepted"]
    assert "ben" not in str(audit_log.entries).lower()


def test_the_link_is_in_the_mail_and_nowhere_else(door: Door) -> None:
    answer = invite(door)
    [job] = door.stored_jobs()
    mail = door.opened(job.payload)
    token = mail.text.split("/invitation/")[1].split()[0]
    assert mail.to == "ben@example.org"
    assert token not in str(job.payload) + answer.text
    assert "example.org" not in str(job.payload)


def test_a_link_works_once(door: Door) -> None:
    token = invited(door)
    first = accept(door, token, name="Ben", password="a long password")
    second = accept(door, token, name="Eve", password="another password")
    assert (first.status_code, second.status_code) == (200, 422)
    assert second.json()["code"] == "link_not_valid"


def test_used_expired_withdrawn_and_made_up_links_answer_the_same(door: Door, clock: FakeClock) -> None:
    token = invited(door)
    clock.advance(days=7)
    expired = accept(door, token, name="Ben", password="a long password").json()
    made_up = accept(door, "x" * 43, name="Ben", password="a long password").json()
    assert expired == made_up
    assert expired["code"] == "link_not_valid"


def test_a_revoked_invitation_lets_nobody_in(door: Door) -> None:
    made = invite(door).json()["id"]
    door.work()
    revoked = door.client().delete(f"{INVITATIONS}/{made}", headers=as_("admin"))
    refused = accept(door, door.mailer.token, name="Ben", password="a long password")
    assert (revoked.status_code, refused.status_code) == (204, 422)


def test_resending_makes_a_new_link_and_ends_the_old(door: Door) -> None:
    made = invite(door).json()["id"]
    door.work()
    old = door.mailer.token
    assert door.client().post(f"{INVITATIONS}/{made}/resend", headers=as_("admin")).status_code == 202
    door.work()
    refused = accept(door, old, name="Ben", password="a long password")
    joined = accept(door, door.mailer.token, name="Ben", password="a long password")
    assert (refused.status_code, joined.status_code) == (422, 200)


def test_who_has_an_account_joins_without_a_new_password(door: Door) -> None:
    before = door.person("ben@example.org", member=False)
    answer = accept(door, invited(door), name="Eve", password="another password")
    after = door.user("ben@example.org")
    assert answer.status_code == 200
    assert after is not None
    assert (after.password_hash, after.name) == (before.password_hash, "Someone")


def test_a_new_person_needs_name_and_password(door: Door) -> None:
    token = invited(door)
    assert accept(door, token).json()["code"] == "name_password_needed"
    assert accept(door, token, name="Ben", password="short").json()["code"] == "short_password"
    assert accept(door, token, name="Ben", password="a long password").status_code == 200


def test_a_full_plan_lets_nobody_join_and_keeps_the_link(door: Door, quotas: FakeQuotas) -> None:
    token = invited(door)
    quotas.limits = {Quota.USERS: 0}
    refused = accept(door, token, name="Ben", password="a long password")
    assert refused.json()["code"] == "quota_exceeded"
    assert door.user("ben@example.org") is None
    quotas.limits = {}
    assert accept(door, token, name="Ben", password="a long password").status_code == 200


def test_nobody_invites_without_the_permission_or_with_more_than_they_have(door: Door) -> None:
    assert invite(door, by="viewer").status_code == 403
    assert invite(door, roles=("operator",)).json()["code"] == "more_than_you_may"


def test_members_and_the_invited_are_not_invited_again(door: Door) -> None:
    door.person("ana@example.org")
    assert invite(door, "ANA@example.org").json()["code"] == "already_member"
    assert invite(door).status_code == 201
    assert invite(door).json()["code"] == "already_invited"


@pytest.mark.parametrize(
    "email", ["", "ana", "a@b@c", "a\r\nBcc: x@y.z@e.org", "a b@e.org", "@e.org", "a@", "<a@e.org>"]
)
def test_what_is_no_address_is_refused(door: Door, email: str) -> None:
    assert invite(door, email).json()["code"] == "not_an_email"


def test_another_tenant_sees_and_changes_nothing(door: Door) -> None:
    made = invite(door).json()["id"]
    theirs, client = as_("other"), door.client()
    assert client.get(INVITATIONS, headers=theirs).json()["items"] == []
    assert client.delete(f"{INVITATIONS}/{made}", headers=theirs).status_code == 404
    assert client.post(f"{INVITATIONS}/{made}/resend", headers=theirs).status_code == 404
    [mine] = client.get(INVITATIONS, headers=as_("admin")).json()["items"]
    assert (mine["id"], mine["state"], mine["roles"]) == (made, "open", ["analyst"])


def test_a_reset_sets_the_password_once_and_ends_all_sessions(door: Door, audit_log: FakeAuditLog) -> None:
    user = door.person("ana@example.org")
    assert door.client().post(RESETS, json={"email": "Ana@example.org"}).status_code == 202
    door.work()
    body = {"token": door.mailer.token, "password": "a brand new one"}
    codes = [door.client().post(f"{RESETS}/completion", json=body).status_code for _ in range(2)]
    after = door.user("ana@example.org")
    assert codes == [204, 422]
    assert after is not None
    assert (after.password_hash, door.ended) == ("hashed:a brand new one", [user.id])
    assert audit_log.actions == ["password_reset.asked", "password_reset.prepared", "password.reset"]


def test_asking_for_a_reset_tells_nobody_who_has_an_account(door: Door) -> None:
    door.person("ana@example.org")
    known = door.client().post(RESETS, json={"email": "ana@example.org"})
    stored = [(job.kind, job.tenant_id) for job in door.stored_jobs()]
    unknown = door.client().post(RESETS, json={"email": "eve@example.org"})
    assert (known.status_code, known.text) == (unknown.status_code, unknown.text) == (202, "null")
    assert [(job.kind, job.tenant_id) for job in door.stored_jobs()] == stored * 2
    door.work()
    assert [mail.to for mail in door.mailer.sent] == ["ana@example.org"]


def test_a_reset_expires_and_a_second_one_ends_the_first(door: Door, clock: FakeClock) -> None:
    door.person("ana@example.org")
    tokens = []
    for _ in range(2):
        door.client().post(RESETS, json={"email": "ana@example.org"})
        door.work()
        tokens.append(door.mailer.token)
    first = {"token": tokens[0], "password": "a brand new one"}
    assert door.client().post(f"{RESETS}/completion", json=first).status_code == 422
    clock.advance(hours=1)
    assert door.client().post(f"{RESETS}/completion", json=first | {"token": tokens[1]}).status_code == 422


def test_asking_too_often_is_refused_for_everybody_alike(door: Door) -> None:
    door.attempts.limit = 2
    answers = [door.client().post(RESETS, json={"email": "ana@example.org"}) for _ in range(3)]
    assert [a.status_code for a in answers] == [202, 202, 429]
    assert answers[-1].headers["Retry-After"] == "60"


def test_the_console_gets_the_link_and_may_give_any_role_of_a_tenant(door: Door) -> None:
    console = Actor(tenant_id=door.tenant_id)
    link = door.ways_in.invite_as_operator(console, "ben@example.org")
    assert accept(door, link.rpartition("/")[2], name="Ben", password="a long password").status_code == 200
    user = door.user("ben@example.org")
    assert user is not None
    assert door.roles(user, door.tenant_id) == ["tenant_admin"]


def test_operators_are_invited_to_the_platforms_tenant_alone(door: Door) -> None:
    invite_as_operator = door.ways_in.invite_as_operator
    with pytest.raises(MoreThanYouMay):
        invite_as_operator(Actor(tenant_id=door.tenant_id), "ben@example.org", ["operator"])
    assert invite_as_operator(Actor(tenant_id=PLATFORM), "ben@example.org", ["operator"])


def test_of_two_who_use_one_link_at_once_one_joins(door: Door) -> None:
    token = invited(door)

    def join(name: str) -> int:
        return int(accept(door, token, name=name, password="a long password").status_code)

    with ThreadPoolExecutor(2) as pool:
        codes = sorted(pool.map(join, ["Ben", "Eve"]))
    assert codes == [200, 422]


def test_one_new_person_invited_by_two_tenants_accepts_both_at_once(door: Door) -> None:
    elsewhere = Door(door.storage, mailer=door.mailer, cipher=door.cipher)
    tokens = [invited(door), invited(elsewhere)]

    def join(token: str) -> int:
        return int(accept(door, token, name="Ben", password="a long password").status_code)

    with ThreadPoolExecutor(2) as pool:
        codes = sorted(pool.map(join, tokens))
    again = sorted(join(token) for token in tokens)
    user = door.user("ben@example.org")
    assert codes in ([200, 200], [200, 409])
    assert again in ([422, 422], [200, 422])
    assert user is not None
    assert door.roles(user, door.tenant_id) == door.roles(user, elsewhere.tenant_id) == ["analyst"]
