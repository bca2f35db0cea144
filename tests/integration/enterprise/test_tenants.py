"""The life of a tenant: made, suspended, exported, deleted."""

import json
from pathlib import Path
from zipfile import ZipFile

import pytest
from sqlalchemy import func, select, update

from core.application.files import FileKind
from core.domain.actor import Actor, JobClaim
from core.domain.errors import Stale
from core.domain.ids import PLATFORM, TenantId, UserId, new_id
from core.domain.names import InvalidName
from core.infrastructure.database import Purpose
from core.infrastructure.files import FolderFiles
from core.infrastructure.jobs import jobs
from core.infrastructure.row_security import tenant_tables
from core.infrastructure.schema import metadata
from core.infrastructure.sql import Storage
from enterprise.api import Enterprise, Plan, TenantState, TenantSuspended
from enterprise.application.create_tenant import InvalidSlug
from enterprise.application.delete_tenant import NotConfirmed
from enterprise.application.export_tenant import NoSuchExport, file_name
from enterprise.application.ports import AuditFilter
from enterprise.domain.tenant import NoSuchTenant, NotForThePlatform, SlugTaken
from enterprise.infrastructure.archive import rows_of
from enterprise.infrastructure.tables import tenants
from people_ops.infrastructure.tables import memberships, users
from tests.support.fakes import FakeClock, FakeJobControl

SEED = "JBSWY3DPEHPK3PXP"


def add_member(storage: Storage, tenant_id: TenantId, user_id: UserId | None = None) -> UserId:
    id_ = user_id or UserId(new_id())
    now = storage.clock()
    with storage.database.system_transaction(Purpose.OPERATOR) as session:
        if user_id is None:
            row = {"id": id_, "email": f"{id_}@example.org", "name": "Ana", "password_hash": SEED}
            session.execute(users.insert().values(**row, totp_seed=SEED, created_at=now, version=1))
        row = {"user_id": id_, "tenant_id": tenant_id, "roles": ["viewer"], "version": 1}
        session.execute(memberships.insert().values(**row, created_at=now))
    return id_


def keep_file(files: FolderFiles, tenant_id: TenantId, text: str) -> None:
    with files.staging() as staged:
        staged.write_text(text)
        files.keep(tenant_id, FileKind.DATASETS, "rows.csv", staged)


def test_a_tenant_is_made_once_and_both_chains_say_so(
    enterprise: Enterprise, operator: Actor, acme: Actor
) -> None:
    with pytest.raises(SlugTaken):
        enterprise.create_tenant(operator, "acme")
    for chain in (acme.tenant_id, PLATFORM):
        entries = list(enterprise.audit.all(chain, AuditFilter()))
        assert [(e.action, e.object_id) for e in entries] == [("tenant.created", acme.tenant_id)]


@pytest.mark.parametrize("slug", ["", "Acme", "-a", "a b", "a" * 64, "a\n", "../a"])
def test_what_is_no_slug_is_refused(slug: str, enterprise: Enterprise, operator: Actor) -> None:
    with pytest.raises(InvalidSlug):
        enterprise.create_tenant(operator, slug)


@pytest.mark.parametrize(("sort", "expected"), [("name", 1), ("-name", -1)])
def test_names_are_in_order_without_regard_to_case_from_page_to_page(
    sort: str, expected: int, enterprise: Enterprise, operator: Actor
) -> None:
    names = ["apple", "Banana", "cherry", "Zebra", "\u00c4pfel", "\u00e4pfel", "\u00d6l"]
    for number, name in enumerate(reversed(names)):
        enterprise.create_tenant(operator, f"t{number}", name=name)
    seen: list[str] = []
    cursor = None
    for _ in names:
        page = enterprise.tenants.of_all(sort=sort, limit=1, cursor=cursor)
        seen += [view.name for view in page.items]
        cursor = page.next_cursor
    assert cursor is None
    assert sorted(seen) == sorted(names), "none is left out, none comes twice"
    assert [name for name in seen if name.isascii()][::expected] == ["apple", "Banana", "cherry", "Zebra"]


@pytest.mark.parametrize("name", ["Acme\u202e", "x" * 121])
def test_a_name_that_cannot_be_shown_is_refused(
    name: str, enterprise: Enterprise, operator: Actor, acme: Actor
) -> None:
    with pytest.raises(InvalidName):
        enterprise.create_tenant(operator, "turned", name=name)
    with pytest.raises(InvalidName):
        enterprise.change_plan(operator, acme.tenant_id, name=name)
    with pytest.raises(InvalidName):
        enterprise.change_settings(acme, name=name)
    assert enterprise.tenants.get(acme.tenant_id).name == "Acme"


def test_suspension_bites_within_a_second_and_can_be_taken_back(
    enterprise: Enterprise, operator: Actor, acme: Actor, clock: FakeClock
) -> None:
    assert enterprise.states.of(acme.tenant_id) is TenantState.ACTIVE
    enterprise.suspend(operator, acme.tenant_id)
    clock.advance(seconds=1)
    with pytest.raises(TenantSuspended):
        enterprise.states.check(acme.tenant_id)
    enterprise.resume(operator, acme.tenant_id)
    clock.advance(seconds=1)
    enterprise.states.check(acme.tenant_id)


def test_a_tenant_that_is_not_there_is_closed(enterprise: Enterprise) -> None:
    assert enterprise.states.of(TenantId(new_id())) is TenantState.CLOSED


def test_the_platform_cannot_be_suspended_or_deleted(enterprise: Enterprise, operator: Actor) -> None:
    enterprise.ensure_platform()
    enterprise.ensure_platform()
    for act in (enterprise.suspend, enterprise.resume):
        with pytest.raises(NotForThePlatform):
            act(operator, PLATFORM)
    with pytest.raises(NotForThePlatform):
        enterprise.delete(operator, PLATFORM, confirm="platform")


def test_a_change_says_which_version_it_is_for(enterprise: Enterprise, operator: Actor, acme: Actor) -> None:
    seen = enterprise.tenants.get(acme.tenant_id)
    enterprise.change_plan(operator, acme.tenant_id, version=seen.version, plan=Plan.TEAM)
    with pytest.raises(Stale):
        enterprise.change_settings(acme, version=seen.version, name="Other")
    assert enterprise.tenants.get(acme.tenant_id).plan is Plan.TEAM


def test_a_tenant_sees_its_own_row_only_on_postgresql_without_our_filter(
    storage: Storage, enterprise: Enterprise, operator: Actor, acme: Actor
) -> None:
    enterprise.create_tenant(operator, "beta")
    with storage.database.of_tenant(acme.tenant_id) as session:
        seen = set(session.scalars(select(tenants.c.slug)))
    assert seen == ({"acme"} if storage.database.is_postgresql else {"acme", "beta"})


def test_an_export_holds_rows_and_files_of_the_tenant_and_no_secret(
    storage: Storage, enterprise: Enterprise, operator: Actor, acme: Actor, files: FolderFiles
) -> None:
    beta = enterprise.create_tenant(operator, "beta")
    mine, theirs = add_member(storage, acme.tenant_id), add_member(storage, beta)
    keep_file(files, acme.tenant_id, "a,b\n")
    keep_file(files, beta, "theirs")
    enterprise.start_export(acme)
    export_id = new_id()
    payload = {"export_id": str(export_id)}
    for _ in range(2):  # an attempt may be repeated
        enterprise.export.carry_out(acme, payload, FakeJobControl())
    assert enterprise.tenants.export(acme.tenant_id, export_id).size > 0
    with pytest.raises(NoSuchExport):
        enterprise.tenants.export(beta, export_id)
    with ZipFile(files.path(acme.tenant_id, FileKind.EXPORTS, file_name(export_id))) as archive:
        texts = {name: archive.read(name).decode() for name in archive.namelist()}
    people = [json.loads(line) for line in texts["tables/people_users.ndjson"].splitlines()]
    everything = "".join(texts.values())
    assert [person["id"] for person in people] == [str(mine)]
    assert texts["files/datasets/rows.csv"] == "a,b\n"
    assert SEED not in everything
    assert str(theirs) not in everything
    assert str(beta) not in everything


def test_a_deleted_tenant_leaves_nothing_but_the_record(
    storage: Storage, enterprise: Enterprise, operator: Actor, acme: Actor, files: FolderFiles
) -> None:
    beta = enterprise.create_tenant(operator, "beta")
    gone, shared = add_member(storage, acme.tenant_id), add_member(storage, acme.tenant_id)
    add_member(storage, beta, shared)
    keep_file(files, acme.tenant_id, "a,b\n")
    enterprise.start_export(acme)
    last = enterprise.audit.verification(acme.tenant_id).head
    with pytest.raises(NotConfirmed):
        enterprise.delete(operator, acme.tenant_id, confirm="beta")
    enterprise.delete(operator, acme.tenant_id, confirm="acme")
    with storage.database.as_system(Purpose.OPERATOR) as session:
        for table in tenant_tables(metadata):
            mine = select(func.count()).select_from(table).where(rows_of(table, acme.tenant_id))
            assert session.scalar(mine) == 0, table.name
        left = session.scalars(select(users.c.id)).all()
    assert gone not in left
    assert shared in left
    assert list(files.of_tenant(acme.tenant_id)) == []
    assert enterprise.tenants.named("acme") is None
    record = list(enterprise.audit.all(PLATFORM, AuditFilter(action="tenant.deleted")))[-1]
    assert record.after["last_audit_entry"]["number"] == last.number + 1  # its closing
    assert enterprise.audit.verification(PLATFORM).is_whole
    assert enterprise.tenants.get(beta).slug == "beta"


def test_the_job_of_a_deletion_may_run_twice(
    enterprise: Enterprise, operator: Actor, acme: Actor, clock: FakeClock
) -> None:
    job_id = enterprise.close(operator, acme.tenant_id, confirm="acme")
    worker = Actor(tenant_id=PLATFORM, claim=JobClaim(job_id, 1))
    assert enterprise.states.of(acme.tenant_id) is TenantState.CLOSED
    for _ in range(2):
        enterprise.delete.carry_out(worker, {"tenant_id": str(acme.tenant_id)}, FakeJobControl())
    with pytest.raises(NoSuchTenant):
        enterprise.tenants.get(acme.tenant_id)
    entries = list(enterprise.audit.all(PLATFORM, AuditFilter(action="tenant.deleted")))
    assert len(entries) == 1


def test_exports_expire_with_their_files(
    enterprise: Enterprise, acme: Actor, files: FolderFiles, clock: FakeClock, tmp_path: Path
) -> None:
    export_id = new_id()
    enterprise.export.carry_out(acme, {"export_id": str(export_id)}, FakeJobControl())
    clock.advance(days=8)
    assert enterprise.enforce_retention(clock())["enterprise_exports"] == 1
    with pytest.raises(NoSuchExport):
        enterprise.tenants.export(acme.tenant_id, export_id)
    clock.advance(days=3650)  # files carry the time of the machine
    enterprise.enforce_retention(clock())
    assert list(files.of_tenant(acme.tenant_id)) == []


def test_an_event_of_a_deleted_tenant_goes_to_the_platform(
    enterprise: Enterprise, operator: Actor, acme: Actor
) -> None:
    enterprise.record_security_event(acme, "permission.refused", {"permission": "audit:read"})
    assert enterprise.audit.verification(acme.tenant_id).head.number == 2
    enterprise.delete(operator, acme.tenant_id, confirm="acme")
    enterprise.record_security_event(acme, "key.refused")
    assert enterprise.audit.verification(acme.tenant_id).head.number == 0
    [event] = enterprise.audit.all(PLATFORM, AuditFilter(action="key.refused"))
    assert event.address == "192.0.2.7"


def test_jobs_that_ended_long_ago_are_deleted_and_others_stay(
    storage: Storage, enterprise: Enterprise, acme: Actor, clock: FakeClock
) -> None:
    waiting, done = enterprise.start_export(acme), enterprise.start_export(acme)
    with storage.database.system_transaction(Purpose.JOBS) as session:
        session.execute(update(jobs).where(jobs.c.id == done).values(state="failed", finished_at=clock()))
    clock.advance(days=91)
    enterprise.enforce_retention(clock())
    with storage.database.as_system(Purpose.JOBS) as session:
        assert session.scalars(select(jobs.c.id)).all() == [waiting]
