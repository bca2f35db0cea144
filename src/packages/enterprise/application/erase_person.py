from collections.abc import Callable
from dataclasses import dataclass

from core.domain.actor import Actor
from core.domain.ids import PLATFORM, UserId
from enterprise.application.ports import TenantUnitOfWork


@dataclass(frozen=True, slots=True)
class ErasePersonFromAudit:
    """The tenant's audit entries no longer say from where somebody acted, nor the platform's what e-mail was tried.

    The entries stay, and their chains stay whole: personal data is kept beside them.
    """

    uow: Callable[[Actor], TenantUnitOfWork]

    def __call__(self, actor: Actor, user_id: UserId, *, email: str = "") -> int:
        """How many entries it was removed from."""
        with self.uow(actor) as uow:
            count = uow.forget_person(user_id, email)
            uow.audit("person.erased", user_id, after={"audit_entries": count})
            uow.commit()
        if email and actor.tenant_id != PLATFORM:
            with self.uow(actor.within(PLATFORM)) as uow:
                count += uow.forget_person(None, email)
                uow.audit("person.erased", user_id)
                uow.commit()
        return count
