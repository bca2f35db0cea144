"""What the contexts above may use of people_ops."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar

from core.application.authenticator import Authenticator
from core.application.browsers import Browsers
from core.domain.actor import Actor
from core.domain.ids import TenantId
from core.domain.page import Page
from people_ops.application.add_member import AddMember
from people_ops.application.api_keys import CreateKey, RevokeKey, RotateKey
from people_ops.application.browser_sessions import OpenInBrowser, SignOut
from people_ops.application.change_name import ChangeName
from people_ops.application.finish_log_in import FinishLogIn
from people_ops.application.impersonate import EndImpersonation, Impersonate
from people_ops.application.log_in import LogIn, StartSession
from people_ops.application.members import ChangeMember, EraseMember, ErasePerson, RemoveMember
from people_ops.application.ports import KeyView, MemberView, PeopleQueries, Sweep, TenantLimits
from people_ops.application.reset_second_factor import ResetSecondFactor
from people_ops.application.roles import ChangeRole, CreateRole, RemoveRole
from people_ops.application.saved_views import ForgetView, SaveView
from people_ops.application.sessions import (
    ChangePassword,
    LogOut,
    Refresh,
    RevokeAllSessions,
    RevokeSession,
)
from people_ops.application.ways_in_bundle import WaysIn as WaysIn
from people_ops.domain.session import SessionId

V = TypeVar("V")
AT_ONCE = 500  # rows per page


@dataclass(frozen=True, slots=True, kw_only=True)
class PeopleOps:
    authenticator: Authenticator
    browsers: Browsers
    open_in_browser: OpenInBrowser
    sign_out: SignOut
    session_of: Callable[[str], SessionId]  # of an access token; raises TokenNotValid, TokenExpired
    queries: PeopleQueries
    ways_in: WaysIn
    log_in: LogIn
    finish_log_in: FinishLogIn
    start_session: StartSession
    refresh: Refresh
    log_out: LogOut
    revoke_session: RevokeSession
    revoke_all_sessions: RevokeAllSessions
    change_password: ChangePassword
    change_name: ChangeName
    impersonate: Impersonate
    end_impersonation: EndImpersonation
    create_key: CreateKey
    rotate_key: RotateKey
    revoke_key: RevokeKey
    add_member: AddMember
    change_member: ChangeMember
    remove_member: RemoveMember
    erase_member: EraseMember
    erase_person: ErasePerson
    reset_second_factor: ResetSecondFactor
    create_role: CreateRole
    change_role: ChangeRole
    remove_role: RemoveRole
    save_view: SaveView
    forget_view: ForgetView
    limits_of: Callable[[TenantId], TenantLimits]
    sweep: Sweep  # hourly


@dataclass(frozen=True, slots=True)
class PeopleDesk:
    """What the commands of the machine's console work on. ``tenant_of`` finds a tenant by its slug."""

    people: PeopleOps
    tenant_of: Callable[[str], TenantId]

    def invite(self, tenant: str, email: str, roles: Sequence[str]) -> str:
        """The link. Raises NoSuchTenant, and as ``InviteMember``."""
        return self.people.ways_in.invite_as_operator(Actor(tenant_id=self.tenant_of(tenant)), email, roles)

    def members(self, tenant: str) -> Iterator[MemberView]:
        tenant_id = self.tenant_of(tenant)
        return every(lambda cursor: self.people.queries.members(tenant_id, limit=AT_ONCE, cursor=cursor))

    def keys(self, tenant: str) -> Iterator[KeyView]:
        tenant_id = self.tenant_of(tenant)
        return every(lambda cursor: self.people.queries.keys(tenant_id, limit=AT_ONCE, cursor=cursor))


def every(page: Callable[[str | None], Page[V]]) -> Iterator[V]:
    """Page by page."""
    cursor: str | None = None
    while True:
        found = page(cursor)
        yield from found.items
        if (cursor := found.next_cursor) is None:
            return
