"""Whatever is done to a chain behind our back is found."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from core.domain.actor import Actor
from core.domain.ids import PLATFORM, TenantId, UserId, new_id
from core.infrastructure.database import Purpose
from core.infrastructure.sql import SqlUnitOfWork, Storage, of_tenant
from enterprise.api import Enterprise
from enterprise.application.ports import AuditFilter
from enterprise.infrastructure.tables import audit, checkpoints, heads, persons
from tests.support.fakes import FakeClock

ALL = AuditFilter()


def write(storage: Storage, actor: Actor, count: int = 5) -> None:
    for number in range(count):
        with SqlUnitOfWork(storage, actor) as uow:
            uow.audit("dataset.created", new_id(), before={"x": 1e100}, after={"ratio": 0.1, "n": number})
            uow.commit()


def alter(session: Session) -> None:
    session.execute(update(audit).where(audit.c.number == 3).values(after='{"n":9}'))


def change_the_author(session: Session) -> None:
    session.execute(update(audit).where(audit.c.number == 3).values(user_id=new_id()))


def remove(session: Session) -> None:
    session.execute(delete(audit).where(audit.c.number == 3))


def swap(session: Session) -> None:
    for before, after in ((3, 99), (4, 3), (99, 4)):
        session.execute(update(audit).where(audit.c.number == before).values(number=after))


def cut_the_tail(session: Session) -> None:
    session.execute(delete(audit).where(audit.c.number >= 3))


@pytest.mark.parametrize("tamper", [alter, change_the_author, swap, remove, cut_the_tail])
def test_tampering_is_found_with_its_number(
    tamper: Callable[[Session], None], storage: Storage, enterprise: Enterprise
) -> None:
    mine, theirs = Actor(tenant_id=new_tenant()), Actor(tenant_id=new_tenant())
    write(storage, mine)
    assert enterprise.audit.verification(mine.tenant_id).checked == 5
    with storage.database.system_transaction(Purpose.AUDIT) as session:
        tamper(session)
    write(storage, theirs)
    assert enterprise.audit.verification(mine.tenant_id).broken_at == 3
    assert enterprise.audit.verification(theirs.tenant_id).is_whole


def new_tenant() -> TenantId:
    return TenantId(new_id())


def test_a_chain_that_is_gone_but_for_its_head_is_found(storage: Storage, enterprise: Enterprise) -> None:
    me = Actor(tenant_id=new_tenant())
    write(storage, me)
    with storage.database.system_transaction(Purpose.AUDIT) as session:
        session.execute(delete(audit))
    assert enterprise.audit.verification(me.tenant_id).broken_at == 1


def test_a_chain_without_its_head_is_found(storage: Storage, enterprise: Enterprise) -> None:
    me = Actor(tenant_id=new_tenant())
    write(storage, me)
    with storage.database.system_transaction(Purpose.AUDIT) as session:
        session.execute(delete(heads))
    assert not enterprise.audit.verification(me.tenant_id).is_whole


def test_entries_written_at_once_form_one_chain(storage: Storage, enterprise: Enterprise) -> None:
    me = Actor(tenant_id=new_tenant())
    with ThreadPoolExecutor(6) as pool:
        list(pool.map(lambda _: write(storage, me, 4), range(6)))
    found = enterprise.audit.verification(me.tenant_id)
    assert (found.is_whole, found.checked, found.head.number) == (True, 24, 24)


def test_retention_closes_a_segment_by_a_signed_checkpoint(
    storage: Storage, enterprise: Enterprise, acme: Actor, clock: FakeClock
) -> None:
    write(storage, acme)
    clock.advance(days=800)
    write(storage, acme, 2)
    assert enterprise.enforce_retention(clock())["enterprise_audit"] == 6
    found = enterprise.audit.verification(acme.tenant_id)
    assert (found.is_whole, found.checked, found.head.number) == (True, 2, 8)
    with storage.database.system_transaction(Purpose.AUDIT) as session:
        session.execute(update(checkpoints).values(hash="f" * 64))
    assert enterprise.audit.verification(acme.tenant_id).broken_at == 6


def test_retention_leaves_a_broken_chain_as_evidence(
    storage: Storage, enterprise: Enterprise, acme: Actor, clock: FakeClock
) -> None:
    write(storage, acme)
    with storage.database.system_transaction(Purpose.AUDIT) as session:
        session.execute(
            of_tenant(update(audit), acme.tenant_id).where(audit.c.number == 3).values(action="x")
        )
    clock.advance(days=800)
    assert enterprise.enforce_retention(clock())["enterprise_audit"] == 0
    assert enterprise.audit.verification(acme.tenant_id).broken_at == 3


def test_the_log_is_filtered_and_paged(storage: Storage, enterprise: Enterprise, acme: Actor) -> None:
    write(storage, acme, 3)
    first = enterprise.audit.page(acme.tenant_id, ALL, limit=3, cursor=None)
    second = enterprise.audit.page(acme.tenant_id, ALL, limit=3, cursor=first.next_cursor)
    assert [view.number for view in (*first.items, *second.items)] == [4, 3, 2, 1]
    assert first.items[0].after == {"ratio": 0.1, "n": 2}
    one = AuditFilter(object_id=first.items[0].object_id, action="dataset.created", user_id=acme.user_id)
    assert [view.number for view in enterprise.audit.all(acme.tenant_id, one)] == [4]


def test_erasing_a_person_leaves_the_chain_whole(
    storage: Storage, enterprise: Enterprise, acme: Actor
) -> None:
    write(storage, acme, 2)
    enterprise.record_security_event(
        Actor(tenant_id=PLATFORM, address="192.0.2.9"), "login.failed", email="eve@example.org"
    )
    assert acme.user_id is not None
    operator = Actor(tenant_id=acme.tenant_id)
    assert enterprise.erase_person(operator, acme.user_id, email="eve@example.org") == 3
    with storage.database.as_system(Purpose.AUDIT) as session:
        left = session.scalars(select(persons.c.user_id)).all()
        emails = session.scalars(select(persons.c.email)).all()
    assert acme.user_id not in left
    assert "eve@example.org" not in emails
    assert enterprise.audit.verification(acme.tenant_id).is_whole
    assert enterprise.audit.verification(PLATFORM).is_whole


def test_addresses_are_shown_beside_entries_but_not_sealed_into_them(
    storage: Storage, enterprise: Enterprise
) -> None:
    me = Actor(tenant_id=new_tenant(), user_id=UserId(new_id()), address="192.0.2.7")
    write(storage, me, 1)
    [view] = enterprise.audit.all(me.tenant_id, ALL)
    assert view.address == "192.0.2.7"
    with storage.database.as_system(Purpose.AUDIT) as session:
        assert "192.0.2.7" not in str(session.execute(select(audit)).all())
