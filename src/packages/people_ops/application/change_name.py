from collections.abc import Callable
from dataclasses import dataclass

from core.domain.actor import Actor
from core.domain.names import checked_name
from people_ops.application.ports import LogInUnitOfWork
from people_ops.application.sessions import person
from people_ops.domain.member import no_such_member


@dataclass(frozen=True, slots=True)
class ChangeName:
    """One's own, in every tenant."""

    uow: Callable[[Actor], LogInUnitOfWork]

    def __call__(self, actor: Actor, *, name: str) -> None:
        """Raises NotAPerson, InvalidName."""
        user_id, checked = person(actor), checked_name(name)
        with self.uow(actor) as uow:
            user = uow.user(user_id)
            if user is None:
                raise no_such_member()
            user.name = checked
            uow.audit("member.renamed", user_id)
            uow.commit()
