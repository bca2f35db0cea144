"""Saved views on a real database."""

from dataclasses import replace

import pytest

from core.domain.actor import Actor
from core.domain.ids import UserId, new_id
from core.domain.names import InvalidName
from core.infrastructure.database import Purpose
from core.infrastructure.sql import Storage
from people_ops.application.saved_views import ForgetView, SaveView
from people_ops.domain.saved_view import NoSuchView
from people_ops.domain.user import User
from people_ops.infrastructure.person_traces import SqlPersonTraces
from people_ops.infrastructure.saved_views import SqlSavedViews, SqlSavedViewUnitOfWork
from tests.support.ways_in import Door


@pytest.fixture
def ana(storage: Storage) -> Actor:
    door = Door(storage)
    return Actor(tenant_id=door.tenant_id, user_id=door.person("ana@example.org").id)


def views_of(storage: Storage, actor: Actor, page: str = "/runs") -> list[tuple[str, str]]:
    assert actor.user_id
    found = SqlSavedViews(storage.database).of(actor.tenant_id, actor.user_id, page)
    return [(view.name, view.query) for view in found]


def save(storage: Storage, actor: Actor, name: str, query: str) -> object:
    use_case = SaveView(lambda who: SqlSavedViewUnitOfWork(storage, who), storage.clock)
    return use_case(actor, page="/runs", name=name, query=query)


def test_one_name_stands_for_one_view_of_a_page(storage: Storage, ana: Actor) -> None:
    save(storage, ana, "b", "state=failed")
    save(storage, ana, "a", "sort=-at")
    save(storage, ana, "b", "state=done")
    assert views_of(storage, ana) == [("a", "sort=-at"), ("b", "state=done")]
    assert views_of(storage, ana, "/labels") == []


@pytest.mark.parametrize("name", ["", "x" * 61, "bell\x07"])
def test_a_name_that_cannot_be_shown_is_refused(name: str, storage: Storage, ana: Actor) -> None:
    with pytest.raises(InvalidName):
        save(storage, ana, name, "state=failed")


def test_nobody_else_sees_or_removes_them(storage: Storage, ana: Actor) -> None:
    view_id = save(storage, ana, "mine", "state=failed")
    with storage.database.system_transaction(Purpose.OPERATOR) as session:
        other = User(id=UserId(new_id()), email="bo@example.org", name="Bo", created_at=storage.clock())
        session.add(other)
        session.flush()
        bo = replace(ana, user_id=other.id)
    assert views_of(storage, bo) == []
    forget = ForgetView(lambda who: SqlSavedViewUnitOfWork(storage, who))
    with pytest.raises(NoSuchView):
        forget(bo, view_id)  # type: ignore[arg-type]  # an id of a view
    forget(ana, view_id)  # type: ignore[arg-type]  # an id of a view
    assert views_of(storage, ana) == []


def test_they_go_with_the_person(storage: Storage, ana: Actor) -> None:
    save(storage, ana, "mine", "q=somebody")
    assert ana.user_id
    SqlPersonTraces(storage.database).erase(ana.tenant_id, ana.user_id)
    assert views_of(storage, ana) == []
