"""Puts the context together."""

import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from time import monotonic

from sqlalchemy.orm import Session as SqlSession

from core.application.quota import Quota
from core.domain.actor import Actor
from core.domain.ids import PLATFORM, TenantId, UserId
from core.infrastructure.encryption import Cipher
from core.infrastructure.sql import Storage
from enterprise.api import Enterprise
from people_ops.api import PeopleOps
from people_ops.application.add_member import AddMember
from people_ops.application.api_keys import CreateKey, KeyMint, RevokeKey, RotateKey
from people_ops.application.browser_sessions import OpenInBrowser, SignOut
from people_ops.application.change_name import ChangeName
from people_ops.application.finish_log_in import FinishLogIn
from people_ops.application.impersonate import EndImpersonation, Impersonate
from people_ops.application.log_in import LogIn, StartSession
from people_ops.application.mail import Mailer
from people_ops.application.members import ChangeMember, EraseMember, ErasePerson, RemoveMember
from people_ops.application.ports import TenantLimits
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
from people_ops.domain.session import Session
from people_ops.infrastructure.access_tokens import AccessTokens, Claims
from people_ops.infrastructure.authenticator import TokenAuthenticator
from people_ops.infrastructure.browsers import SqlBrowsers
from people_ops.infrastructure.lockouts import SqlAttempts
from people_ops.infrastructure.passwords import Argon2Passwords
from people_ops.infrastructure.people_queries import SqlPeople
from people_ops.infrastructure.people_sql import (
    SqlLogInLookups,
    SqlLogInUnitOfWork,
    SqlPeopleUnitOfWork,
    end_sessions,
    role_permissions,
)
from people_ops.infrastructure.person_traces import SqlPersonTraces
from people_ops.infrastructure.proofs import SealedProofs
from people_ops.infrastructure.saved_views import SqlSavedViewUnitOfWork
from people_ops.infrastructure.sweep import SqlSweep
from people_ops.infrastructure.ways_in import Neighbours, build_ways_in
from people_ops.infrastructure.ways_in_sql import SqlSystemWaysIn


@dataclass(frozen=True, slots=True, kw_only=True)
class SignIn:
    """``jwt_keys``: the current one, then the one before (or empty)."""

    jwt_keys: Sequence[str]
    jwt_algorithm: str = "HS256"
    access_minutes: int = 15
    idle_days: int = 30
    public_url: str = ""
    provider_networks: Sequence[str] = ()
    key_requests_per_minute: int = 600
    key_environment: str = "dev"  # or live: stands in the names of API keys


def build_service(
    storage: Storage,
    enterprise: Enterprise,
    cipher: Cipher,
    mailer: Mailer,
    *,
    sign_in: SignIn,
    passwords: Argon2Passwords | None = None,
    seconds: Callable[[], float] = monotonic,
) -> PeopleOps:
    """``seconds`` ages what the authenticator remembers."""
    database, clock, events, states = (
        storage.database,
        storage.clock,
        enterprise.record_security_event,
        enterprise.states,
    )
    life, idle = timedelta(minutes=sign_in.access_minutes), timedelta(days=sign_in.idle_days)
    passwords = passwords or Argon2Passwords()
    tokens = AccessTokens(tuple(sign_in.jwt_keys), sign_in.jwt_algorithm, life, clock)
    attempts = SqlAttempts(database, clock, events)
    uow, people = partial(SqlLogInUnitOfWork, storage), partial(SqlPeopleUnitOfWork, storage)
    lookups = SqlLogInLookups(database, lambda tenant_id: enterprise.tenants.get(tenant_id).slug)
    new_token = partial(secrets.token_urlsafe, 32)
    proofs = SealedProofs(cipher)
    mint = KeyMint(new_token, sign_in.key_environment)

    def issue(session: Session) -> str:
        return tokens.issue(Claims(session.user_id, session.tenant_id, session.id))

    def tenant_of_slug(slug: str) -> TenantId | None:
        found = enterprise.tenants.named(slug)
        return found.id if found else None

    def name_of_tenant(tenant_id: TenantId) -> tuple[str, str]:
        found = enterprise.tenants.get(tenant_id)
        return found.slug, found.name

    def is_one_tenant() -> bool:
        found = enterprise.tenants.of_all(limit=3, cursor=None).items
        return len([each for each in found if each.id != PLATFORM]) <= 1

    def end_everywhere(session: SqlSession, user_id: UserId) -> None:
        end_sessions(session, user_id, clock())

    def system(actor: Actor) -> SqlSystemWaysIn:
        return SqlSystemWaysIn(storage, actor, end_everywhere)

    def limits_of(tenant_id: TenantId) -> TenantLimits:
        per_minute = enterprise.tenants.get(tenant_id).quotas[Quota.REQUESTS_PER_MINUTE]
        usage = enterprise.tenants.usage(tenant_id)
        return TenantLimits(per_minute, sign_in.key_requests_per_minute, usage)

    start = StartSession(uow, states, issue, new_token, clock, life, idle)
    ways_in = build_ways_in(
        storage,
        cipher,
        mailer,
        public_url=sign_in.public_url,
        provider_networks=sign_in.provider_networks,
        neighbours=Neighbours(
            passwords=passwords,
            attempts=attempts,
            start_session=start,
            role_permissions=role_permissions,
            end_sessions=end_everywhere,
            tenant_of_slug=tenant_of_slug,
            name_of_tenant=name_of_tenant,
            is_one_tenant=is_one_tenant,
        ),
    )
    return PeopleOps(
        authenticator=TokenAuthenticator(database, tokens, states, events, clock, seconds),
        browsers=SqlBrowsers(database, name_of_tenant, clock, seconds),
        open_in_browser=OpenInBrowser(uow, lookups, new_token, clock),
        sign_out=SignOut(uow, clock),
        session_of=lambda token: tokens.read(token).session_id,
        queries=SqlPeople(database, clock),
        ways_in=ways_in,
        log_in=LogIn(
            lookups,
            passwords,
            attempts,
            ways_in.second_factor,
            start,
            events=events,
            proofs=proofs,
            clock=clock,
        ),
        finish_log_in=FinishLogIn(
            lookups, attempts, ways_in.second_factor, start, events, proofs=proofs, clock=clock
        ),
        start_session=start,
        refresh=Refresh(uow, lookups, states, issue, new_token, clock, life, idle),
        log_out=LogOut(uow, lookups, clock),
        revoke_session=RevokeSession(uow, clock),
        revoke_all_sessions=RevokeAllSessions(uow),
        change_password=ChangePassword(uow, passwords, attempts),
        change_name=ChangeName(uow),
        impersonate=Impersonate(uow, issue, enterprise.tenants, states, clock),
        end_impersonation=EndImpersonation(uow),
        create_key=CreateKey(people, clock, mint),
        rotate_key=RotateKey(people, clock, mint),
        revoke_key=RevokeKey(people, clock),
        erase_person=ErasePerson(SqlPersonTraces(database), enterprise.erase_person),
        add_member=AddMember(system, clock, passwords),
        change_member=ChangeMember(people, clock),
        remove_member=RemoveMember(people),
        erase_member=EraseMember(people),
        reset_second_factor=ResetSecondFactor(system),
        create_role=CreateRole(people, clock),
        change_role=ChangeRole(people),
        remove_role=RemoveRole(people),
        save_view=SaveView(partial(SqlSavedViewUnitOfWork, storage), clock),
        forget_view=ForgetView(partial(SqlSavedViewUnitOfWork, storage)),
        limits_of=limits_of,
        sweep=SqlSweep(database),
    )
