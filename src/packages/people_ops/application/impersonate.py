"""An operator's look into a tenant."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from core.domain.actor import Actor
from core.domain.ids import TenantId, new_id
from enterprise.api import TenantQueries, TenantStates
from people_ops.application.ports import IssueToken, LogInUnitOfWork
from people_ops.application.sessions import person
from people_ops.domain.session import IMPERSONATION, Session, SessionId

Uow = Callable[[Actor], LogInUnitOfWork]


@dataclass(frozen=True, slots=True)
class Impersonate:
    """A short look into a tenant, for an operator: it reads, and both chains say so."""

    uow: Uow
    issue: IssueToken
    tenants: TenantQueries
    states: TenantStates
    clock: Callable[[], datetime]

    def __call__(self, actor: Actor, tenant_id: TenantId, *, reason: str = "") -> str:
        """The access token. Browsers of the operator, signed in before, may look too. Raises NotAPerson, NoSuchTenant,
        TenantSuspended."""
        user_id, now = person(actor), self.clock()
        self.tenants.get(tenant_id)
        self.states.check(tenant_id)
        session = Session(
            id=SessionId(new_id()),
            tenant_id=tenant_id,
            user_id=user_id,
            address="",
            agent="",
            created_at=now,
            last_used_at=now,
            idle_at=now + IMPERSONATION,
            impersonated=True,
        )
        told = {"reason": reason} if reason else {}
        with self.uow(actor) as uow:
            uow.audit("impersonation.started", session.id, after={"tenant_id": str(tenant_id)} | told)
            uow.commit()
        with self.uow(actor.within(tenant_id)) as uow:
            uow.add_session(session)
            uow.audit("impersonation.started", session.id, after=told or None)
            uow.commit()
        return self.issue(session)


@dataclass(frozen=True, slots=True)
class EndImpersonation:
    """All of the operator's looks into the tenant."""

    uow: Uow

    def __call__(self, actor: Actor, tenant_id: TenantId) -> None:
        """Does nothing where there is none. Raises NotAPerson."""
        user_id = person(actor)
        with self.uow(actor.within(tenant_id)) as uow:
            ended = uow.end_impersonations(user_id)
            for session_id in ended:
                uow.audit("impersonation.ended", session_id)
            uow.commit()
        if ended:
            with self.uow(actor) as uow:
                uow.audit("impersonation.ended", ended[0], after={"tenant_id": str(tenant_id)})
                uow.commit()
