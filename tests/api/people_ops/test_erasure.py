"""Nothing personal is left of somebody who was erased."""

from dataclasses import replace

import pytest
from sqlalchemy import String, cast, select

from core.domain.actor import Actor
from core.domain.ids import UserId
from core.infrastructure.database import Purpose
from core.infrastructure.jobs import jobs
from core.infrastructure.schema import metadata
from core.presentation.ids import shown
from people_ops.domain.permissions import ALL
from tests.support.fakes import FakeJobControl
from tests.support.people import House


@pytest.fixture
def eve(house: House) -> UserId:
    """A member who was invited, logged in, failed to, and has a second factor."""
    house.person("tom@acme.io", "tenant_admin")
    tom = Actor(tenant_id=house.acme, permissions=ALL, user_id=house.user_id("tom@acme.io"))
    house.people.ways_in.invite(tom, email="eve@acme.io", roles=["viewer"])
    house.log_in("eve@acme.io")  # as somebody unknown
    user_id = house.person("eve@acme.io", "viewer")
    house.signed_in("eve@acme.io")
    house.second_factor("eve@acme.io")
    house.log_in("eve@acme.io", "not the password")
    return user_id


def erase(house: House, user_id: UserId) -> None:
    path = f"/members/{shown('usr', user_id)}/erasure"
    asked = house.ask("POST", path, house.signed_in("tom@acme.io"))
    assert asked.status_code == 202
    assert asked.headers["Location"] == f"/api/v1/jobs/{asked.json()['job_id']}"


def personal(house: House, text: str) -> list[str]:
    """Columns of any table where the text is found; of jobs that wait nothing can be read."""
    columns = [column for table in metadata.sorted_tables if table is not jobs for column in table.c]
    with house.storage.database.as_system(Purpose.OPERATOR) as session:
        return [
            str(column)
            for column in columns
            if session.execute(select(column).where(cast(column, String).contains(text))).first()
        ]


def test_an_erased_person_leaves_nothing_personal(house: House, eve: UserId) -> None:
    assert {"people_users.email", "people_invitations.email", "enterprise_audit_person.email"} <= {
        *personal(house, "eve@acme.io")
    }
    erase(house, eve)
    assert house.log_in("eve@acme.io").status_code == 401
    house.work()
    assert personal(house, "eve@acme.io") == []
    assert [member.id for member in house.members()] == [house.user_id("tom@acme.io")]
    assert "person.erased" in house.audited()
    assert house.enterprise.audit.verification(house.acme).is_whole


def test_who_is_in_another_tenant_too_stays_there(house: House, eve: UserId) -> None:
    other = house.tenant("other")
    house.join(eve, "viewer", tenant_id=other)
    erase(house, eve)
    house.work()
    assert [member.email for member in house.members()] == ["tom@acme.io"]
    assert house.people.queries.member(other, eve).email == "eve@acme.io"
    assert house.people.queries.member(other, eve).second_factor
    assert personal(house, "eve@acme.io") == ["enterprise_audit_person.email", "people_users.email"]


def test_the_job_may_break_off_and_be_repeated(house: House, eve: UserId) -> None:
    class Broken:
        def last_email(self, user_id: UserId) -> str:
            return house.people.erase_person.traces.last_email(user_id)

        def erase(self, *_: object) -> None:
            raise ConnectionError

    erase(house, eve)
    job = Actor(tenant_id=house.acme), {"user_id": str(eve)}, FakeJobControl()
    with pytest.raises(ConnectionError):
        replace(house.people.erase_person, traces=Broken())(*job)
    for _ in range(2):
        house.people.erase_person(*job)
    assert personal(house, "eve@acme.io") == []


def test_the_last_administrator_is_not_erased(house: House, eve: UserId) -> None:
    tom = house.user_id("tom@acme.io")
    path = f"/members/{shown('usr', tom)}/erasure"
    assert house.ask("POST", path, house.signed_in("tom@acme.io")).json()["code"] == "last_admin"
    house.work()
    assert house.log_in("tom@acme.io").status_code == 200
