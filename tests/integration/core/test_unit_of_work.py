"""What a unit of work promises, on both databases."""

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import Select, func, select, text, update

from core.application.jobs import LostClaim
from core.domain.actor import Actor, JobClaim
from core.domain.ids import TenantId, UserId, new_id
from core.infrastructure.database import Purpose
from core.infrastructure.jobs import JobState, jobs
from core.infrastructure.sql import ForeignAggregate, SqlUnitOfWork, Storage, final_froms
from people_ops.domain.user import Membership
from people_ops.infrastructure.tables import memberships, users
from tests.support.fakes import FakeAuditLog, FakeDispatch


def actor() -> Actor:
    return Actor(tenant_id=TenantId(new_id()))


def member(storage: Storage, tenant_id: TenantId) -> UserId:
    """A user with a membership in the tenant."""
    user_id = UserId(uuid4())
    with storage.database.system_transaction(Purpose.OPERATOR) as session:
        row = {
            "id": user_id,
            "email": f"{user_id}@example.org",
            "name": "",
            "password_hash": "",
            "totp_seed": "",
        }
        session.execute(users.insert().values(**row, created_at=storage.clock(), version=1))
        member = {
            "user_id": user_id,
            "tenant_id": tenant_id,
            "roles": ["viewer"],
            "created_at": storage.clock(),
        }
        session.execute(memberships.insert().values(**member, version=1))
    return user_id


def test_a_select_finds_only_mine(storage: Storage) -> None:
    me, them = actor(), actor()
    mine, _ = member(storage, me.tenant_id), member(storage, them.tenant_id)
    with SqlUnitOfWork(storage, me) as uow:
        found = uow.session.scalars(uow.mine(select(memberships.c.user_id))).all()
    assert found == [mine]


def test_an_update_leaves_theirs_alone(storage: Storage) -> None:
    me, them = actor(), actor()
    member(storage, them.tenant_id)
    with SqlUnitOfWork(storage, me) as uow:
        uow.session.execute(uow.mine(update(memberships)).values(roles=[]))
        uow.commit()
    with storage.database.as_system(Purpose.OPERATOR) as session:
        assert session.scalars(select(memberships.c.roles)).all() == [["viewer"]]


def test_what_cannot_be_narrowed_is_refused(storage: Storage) -> None:
    with SqlUnitOfWork(storage, actor()) as uow:
        for statement in (select(users), select(memberships).outerjoin(users), select(func.count())):
            with pytest.raises(TypeError):
                uow.mine(statement)


@pytest.mark.parametrize(
    "statement",
    [
        select(memberships),
        select(Membership),
        select(memberships.c.user_id).where(memberships.c.user_id == users.c.id),
        select(func.count()).select_from(memberships),
        select(memberships.c.user_id).join(users, memberships.c.user_id == users.c.id),
        select(Membership).join(users, Membership.user_id == users.c.id),  # type: ignore[misc, arg-type]  # a column once it is mapped
        select(memberships).outerjoin(users, memberships.c.user_id == users.c.id),
        select(memberships.c.user_id).where(memberships.c.user_id.in_(select(users.c.id))),
        select(memberships.alias("m"), jobs.c.id).where(select(users.c.id).exists()),
        select(select(memberships).subquery()),
    ],
)
def test_the_tables_that_are_narrowed_are_all_that_sqlalchemy_selects_from(statement: Select[Any]) -> None:
    found, wanted = final_froms(statement), statement.get_final_froms()
    assert len(found) == len(wanted) > 0
    assert all(mine.compare(theirs) for mine, theirs in zip(found, wanted, strict=True))


def test_another_tenants_aggregate_is_refused(storage: Storage) -> None:
    theirs = Membership(user_id=UserId(uuid4()), tenant_id=actor().tenant_id, created_at=storage.clock())
    with SqlUnitOfWork(storage, actor()) as uow, pytest.raises(ForeignAggregate):
        uow.add(theirs)


def test_changes_audit_and_jobs_are_stored_together(
    storage: Storage, audit_log: FakeAuditLog, dispatch: FakeDispatch
) -> None:
    me = actor()
    with SqlUnitOfWork(storage, me) as uow:
        uow.audit("thing.made", new_id())
        job_id = uow.enqueue("thing.work", {"n": 1})
        uow.commit()
    with SqlUnitOfWork(storage, me) as uow:
        rows = uow.session.execute(uow.mine(select(jobs.c.id, jobs.c.state))).all()
    assert (rows, audit_log.actions, dispatch.jobs) == ([(job_id, "queued")], ["thing.made"], [job_id])


def test_leaving_without_commit_stores_nothing(
    storage: Storage, audit_log: FakeAuditLog, dispatch: FakeDispatch
) -> None:
    me = actor()
    with SqlUnitOfWork(storage, me) as uow:
        uow.audit("thing.made")
        uow.enqueue("thing.work", {})
    with SqlUnitOfWork(storage, me) as uow:
        assert uow.session.scalar(uow.mine(select(func.count(jobs.c.id)))) == 0
    assert (audit_log.entries, dispatch.jobs) == ([], [])


def test_an_attempt_that_lost_its_claim_stores_nothing(storage: Storage, audit_log: FakeAuditLog) -> None:
    me = actor()
    with SqlUnitOfWork(storage, me) as uow:
        job_id = uow.enqueue("thing.work", {})
        uow.commit()
    with storage.database.system_transaction(Purpose.JOBS) as session:
        session.execute(update(jobs).values(state=JobState.RUNNING, attempt=2))
    first = Actor(tenant_id=me.tenant_id, claim=JobClaim(job_id, 1))
    with SqlUnitOfWork(storage, first) as uow:
        uow.audit("thing.worked")
        with pytest.raises(LostClaim):
            uow.commit()
    assert audit_log.entries == []
    storage.clock.advance(minutes=1)  # type: ignore[attr-defined]  # the tests' own clock
    with SqlUnitOfWork(storage, Actor(tenant_id=me.tenant_id, claim=JobClaim(job_id, 2))) as uow:
        uow.commit()
    with storage.database.as_system(Purpose.JOBS) as session:
        beat = session.scalar(select(jobs.c.heartbeat_at))
    assert beat is not None
    assert storage.clock() - beat < timedelta(seconds=1)


def test_without_the_applications_filter_postgresql_shows_no_other_tenant(storage: Storage) -> None:
    if not storage.database.is_postgresql:
        return
    me, them = actor(), actor()
    mine, theirs = member(storage, me.tenant_id), member(storage, them.tenant_id)
    with storage.database.of_tenant(me.tenant_id) as session:
        assert session.scalars(select(memberships.c.user_id)).all() == [mine]
        assert session.scalars(select(users.c.id)).all() == [mine]
        changed = session.execute(update(memberships).values(roles=[]).where(memberships.c.user_id == theirs))
        assert changed.rowcount == 0  # type: ignore[attr-defined]  # of an update
    with storage.database.app.connect() as connection:  # no tenant is named
        assert connection.scalar(text("SELECT count(*) FROM people_memberships")) == 0


def test_ids_sort_by_the_time_of_their_making() -> None:
    ids = [new_id() for _ in range(1000)]
    assert sorted(ids) == ids
    assert {id_.version for id_ in ids} == {7}
    assert all(isinstance(id_, UUID) for id_ in ids)
