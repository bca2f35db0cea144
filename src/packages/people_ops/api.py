"""What the contexts above may use of people_ops."""

from collections.abc import Callable
from dataclasses import dataclass

from core.presentation.authentication import Authenticator
from people_ops.application.api_keys import CreateKey, RevokeKey
from people_ops.application.log_in import LogIn, StartSession
from people_ops.application.members import ChangeMember, EraseMember, RemoveMember
from people_ops.application.ports import PeopleQueries
from people_ops.application.roles import ChangeRole, CreateRole, RemoveRole
from people_ops.application.sessions import (
    ChangePassword,
    Impersonate,
    LogOut,
    Refresh,
    RevokeAllSessions,
    RevokeSession,
)
from people_ops.application.ways_in_bundle import WaysIn as WaysIn
from people_ops.domain.session import SessionId


@dataclass(frozen=True, slots=True, kw_only=True)
class PeopleOps:
    authenticator: Authenticator
    session_of: Callable[[str], SessionId]  # of an access token; raises TokenNotValid, TokenExpired
    queries: PeopleQueries
    ways_in: WaysIn
    log_in: LogIn
    start_session: StartSession
    refresh: Refresh
    log_out: LogOut
    revoke_session: RevokeSession
    revoke_all_sessions: RevokeAllSessions
    change_password: ChangePassword
    impersonate: Impersonate
    create_key: CreateKey
    revoke_key: RevokeKey
    change_member: ChangeMember
    remove_member: RemoveMember
    erase_member: EraseMember
    create_role: CreateRole
    change_role: ChangeRole
    remove_role: RemoveRole
