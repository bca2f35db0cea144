"""Views of lists that people keep for themselves."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from core.application.uow import UnitOfWork
from core.domain.actor import Actor
from core.domain.ids import UserId, new_id
from core.domain.names import checked_name
from people_ops.application.sessions import person
from people_ops.domain.saved_view import (
    LONGEST_NAME,
    MOST,
    SavedView,
    SavedViewId,
    TooManyViews,
    checked_page,
    checked_query,
    no_such_view,
)


class SavedViewUnitOfWork(UnitOfWork, Protocol):
    def view(self, user_id: UserId, view_id: SavedViewId) -> SavedView | None: ...
    def view_named(self, user_id: UserId, page: str, name: str) -> SavedView | None: ...
    def count_views(self, user_id: UserId) -> int: ...
    def add(self, aggregate: Any) -> None: ...
    def delete(self, aggregate: Any) -> None: ...


Uow = Callable[[Actor], SavedViewUnitOfWork]


@dataclass(frozen=True, slots=True)
class SaveView:
    """Under a name that the person uses already for the page it takes that view's place."""

    uow: Uow
    clock: Callable[[], datetime]

    def __call__(self, actor: Actor, *, page: str, name: str, query: str) -> SavedViewId:
        """Raises NotAPerson, InvalidName, InvalidView, TooManyViews."""
        user_id = person(actor)
        page, name, query = checked_page(page), checked_name(name, longest=LONGEST_NAME), checked_query(query)
        with self.uow(actor) as uow:
            view = uow.view_named(user_id, page, name)
            if view is None:
                if uow.count_views(user_id) >= MOST:
                    raise TooManyViews(f"You keep {MOST}.", fix="Remove one first.")
                view = SavedView(
                    id=SavedViewId(new_id()),
                    tenant_id=actor.tenant_id,
                    user_id=user_id,
                    page=page,
                    name=name,
                    query=query,
                    created_at=self.clock(),
                )
                uow.add(view)
            view.query = query
            uow.audit("view.saved", view.id, after={"page": page})
            uow.commit()
        return view.id


@dataclass(frozen=True, slots=True)
class ForgetView:
    uow: Uow

    def __call__(self, actor: Actor, view_id: SavedViewId) -> SavedView:
        """The view that was. Raises NotAPerson, NoSuchView."""
        user_id = person(actor)
        with self.uow(actor) as uow:
            view = uow.view(user_id, view_id)
            if view is None:
                raise no_such_view()
            uow.delete(view)
            uow.audit("view.forgotten", view.id, before={"page": view.page})
            uow.commit()
        return view
