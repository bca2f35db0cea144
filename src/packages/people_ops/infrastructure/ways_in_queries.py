"""Invitations and single sign-on as they are read."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, select

from core.domain.ids import TenantId
from core.domain.page import Counting, Page
from core.infrastructure.database import Database, Purpose
from core.infrastructure.keyset import Order, sorts, total_of
from core.infrastructure.sql import of_tenant
from people_ops.application.ports import EVERYTHING, PeopleFilter
from people_ops.application.ways_in_bundle import InvitationView
from people_ops.domain.invitation import Invitation
from people_ops.domain.single_sign_on import SingleSignOn
from people_ops.infrastructure.people_queries import has
from people_ops.infrastructure.ways_in_tables import invitations, single_sign_on

SORTS: dict[str, Order[InvitationView]] = sorts(
    "invitations",
    {name: invitations.c[name] for name in ("email", "created_at", "expires_at")},
    invitations.c.id,
)


@dataclass(frozen=True, slots=True)
class SqlInvitations:
    database: Database
    clock: Callable[[], datetime]

    def page(
        self,
        tenant_id: TenantId,
        wanted: PeopleFilter = EVERYTHING,
        *,
        sort: str = "-created_at",
        limit: int,
        cursor: str | None,
        count: Counting | None = None,
    ) -> Page[InvitationView]:
        statement, order = of_tenant(select(Invitation), tenant_id), SORTS[sort]
        if wanted.search:
            statement = statement.where(has(invitations.c.email, wanted.search))
        if wanted.state:
            statement = statement.where(self._of_state(wanted.state))
        with self.database.of_tenant(tenant_id) as session:
            found = session.scalars(order.cut(statement, limit, cursor)).all()
            total = total_of(session, statement, count)
        return order.page([self._view(each) for each in found], limit, total)

    def _of_state(self, state: str) -> ColumnElement[bool]:
        """``waiting`` is open or expired."""
        is_accepted, is_revoked = (
            invitations.c.accepted_at.is_not(None),
            invitations.c.revoked_at.is_not(None),
        )
        is_over = invitations.c.expires_at <= self.clock()
        is_waiting = ~is_accepted & ~is_revoked
        return {
            "waiting": is_waiting,
            "open": is_waiting & ~is_over,
            "expired": is_waiting & is_over,
            "accepted": is_accepted,
            "revoked": ~is_accepted & is_revoked,
        }[state]

    def _view(self, found: Invitation) -> InvitationView:
        return InvitationView(
            id=found.id,
            email=found.email,
            roles=found.roles,
            state=found.state(self.clock()),
            invited_by=found.invited_by,
            created_at=found.created_at,
            expires_at=found.expires_at,
        )


@dataclass(frozen=True, slots=True)
class SqlSsoLookup:
    """For log-in too, when nobody is signed in yet."""

    database: Database

    def __call__(self, tenant_id: TenantId) -> SingleSignOn | None:
        with self.database.as_system(Purpose.LOG_IN) as session:
            return session.scalar(of_tenant(select(SingleSignOn), tenant_id))

    def anywhere(self) -> bool:
        with self.database.as_system(Purpose.LOG_IN) as session:
            return session.scalar(select(single_sign_on.c.tenant_id).limit(1)) is not None
