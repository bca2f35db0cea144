"""Puts the ways in together; ``people_ops.wiring`` gives it what the rest of the context makes."""

import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from ipaddress import ip_network

from core.domain.actor import Actor
from core.domain.ids import TenantId
from core.infrastructure.encryption import Cipher
from core.infrastructure.sql import Storage
from people_ops.application.accept_invitation import AcceptInvitation
from people_ops.application.change_invitation import ResendInvitation, RevokeInvitation
from people_ops.application.configure_sso import ConfigureSso, RemoveSso
from people_ops.application.invite_member import InviteAsOperator, InviteMember
from people_ops.application.look_at_link import LookAtInvitation, LookAtReset
from people_ops.application.mail import Mailer, SendMail
from people_ops.application.oidc import FinishOidc, StartOidc
from people_ops.application.ports import Attempts, Passwords
from people_ops.application.reset_password import AskForReset, CompleteReset, PrepareReset
from people_ops.application.second_factor import (
    ConfirmSecondFactor,
    DisableSecondFactor,
    EnrolSecondFactor,
    SecondFactorCheck,
)
from people_ops.application.ways_in import StartSession
from people_ops.application.ways_in_bundle import WaysIn
from people_ops.domain.links import Links
from people_ops.infrastructure.guarded_http import GuardedHttp
from people_ops.infrastructure.mail import LogMailer, SealedMails
from people_ops.infrastructure.oidc import OidcProvider, SealedTickets
from people_ops.infrastructure.totp import TotpCodes
from people_ops.infrastructure.ways_in_queries import SqlInvitations, SqlSsoLookup
from people_ops.infrastructure.ways_in_sql import (
    EndSessions,
    RolePermissions,
    SqlSystemLookups,
    SqlSystemWaysIn,
    SqlTenantWaysIn,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Neighbours:
    """What the ways in need of the rest of people_ops and of enterprise."""

    passwords: Passwords
    attempts: Attempts
    start_session: StartSession
    role_permissions: RolePermissions
    end_sessions: EndSessions
    tenant_of_slug: Callable[[str], TenantId | None]
    name_of_tenant: Callable[[TenantId], tuple[str, str]]  # slug and name
    is_one_tenant: Callable[[], bool]  # there is no other, but the platform's


def new_token() -> str:
    return secrets.token_urlsafe(32)


def build_ways_in(
    storage: Storage,
    cipher: Cipher,
    mailer: Mailer,
    *,
    public_url: str,
    provider_networks: Sequence[str],
    neighbours: Neighbours,
) -> WaysIn:
    """``provider_networks`` (CIDR): private ones that identity providers may be in; with a loopback one, also by http."""
    clock, links, envelopes, near = storage.clock, Links(public_url), SealedMails(cipher), neighbours
    allow_http = any(ip_network(each, strict=False).is_loopback for each in provider_networks)
    lookups, sso_of = SqlSystemLookups(storage.database), SqlSsoLookup(storage.database)
    codes, tickets = TotpCodes(cipher, clock), SealedTickets(cipher, clock)
    provider = OidcProvider(
        GuardedHttp(provider_networks), cipher, clock, redirect_uri=links.oidc_callback, allow_http=allow_http
    )

    is_logged = isinstance(mailer, LogMailer)

    def shows_links() -> bool:
        """Whoever holds a link is taken for the owner of the mailbox. With one tenant, and no account that is still
        without a password (single sign-on makes such), the address of somebody else gains an administrator nothing."""
        return is_logged and near.is_one_tenant() and not sso_of.anywhere()

    def tenant(actor: Actor) -> SqlTenantWaysIn:
        return SqlTenantWaysIn(storage, actor, near.role_permissions)

    def system(actor: Actor) -> SqlSystemWaysIn:
        return SqlSystemWaysIn(storage, actor, near.end_sessions)

    invite = InviteMember(tenant, clock, new_token, links, envelopes)
    return WaysIn(
        invite=invite,
        invite_as_operator=InviteAsOperator(invite),
        resend_invitation=ResendInvitation(tenant, clock, new_token, links, envelopes),
        revoke_invitation=RevokeInvitation(tenant, clock),
        look_at_invitation=LookAtInvitation(lookups, sso_of, near.name_of_tenant, clock),
        accept_invitation=AcceptInvitation(system, lookups, clock, near.passwords, near.attempts),
        invitations=SqlInvitations(storage.database, clock),
        ask_for_reset=AskForReset(system, envelopes, near.attempts),
        prepare_reset=PrepareReset(system, clock, new_token, links, envelopes),
        look_at_reset=LookAtReset(lookups, clock),
        complete_reset=CompleteReset(system, clock, near.passwords, near.attempts),
        enrol_second_factor=EnrolSecondFactor(system, codes, lookups, near.passwords, near.attempts),
        confirm_second_factor=ConfirmSecondFactor(system, codes, near.attempts),
        disable_second_factor=DisableSecondFactor(system, codes, lookups, near.passwords, near.attempts),
        second_factor=SecondFactorCheck(system, codes),
        configure_sso=ConfigureSso(tenant, clock, cipher, allow_http),
        remove_sso=RemoveSso(tenant),
        sso_of=sso_of,
        start_oidc=StartOidc(near.tenant_of_slug, sso_of, provider, tickets, near.attempts),
        finish_oidc=FinishOidc(system, sso_of, provider, tickets, near.start_session, near.attempts, clock),
        send_mail=SendMail(mailer, envelopes),
        cookies_secure=links.is_https,
        oidc_callback=links.oidc_callback,
        mails_are_logged=is_logged,
        shows_links=shows_links,
    )
