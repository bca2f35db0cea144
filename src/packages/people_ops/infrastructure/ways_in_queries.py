"""Invitations and single sign-on as they are read."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from core.domain.ids import TenantId
from core.domain.page import Counting, Page
from core.infrastructure.database import Database, Purpose
from core.infrastructure.keyset import newest_first, total_of
from core.infrastructure.sql import of_tenant
from people_ops.application.ways_in_bundle import InvitationView
from people_ops.domain.invitation import Invitation, InvitationId
from people_ops.domain.single_sign_on import SingleSignOn
from people_ops.infrastructure.ways_in_tables import invitations, single_sign_on


def _key(view: InvitationView) -> tuple[datetime, InvitationId]:
    return view.created_at, view.id


NEWEST = newest_first("invitations", invitations.c.created_at, invitations.c.id, _key)


@dataclass(frozen=True, slots=True)
class SqlInvitations:
    database: Database
    clock: Callable[[], datetime]

    def page(
        self, tenant_id: TenantId, *, limit: int, cursor: str | None, count: Counting | None = None
    ) -> Page[InvitationView]:
        statement = of_tenant(select(Invitation), tenant_id)
        with self.database.of_tenant(tenant_id) as session:
            found = session.scalars(NEWEST.cut(statement, limit, cursor)).all()
            total = total_of(session, statement, count)
        return NEWEST.page([self._view(each) for each in found], limit, total)

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
