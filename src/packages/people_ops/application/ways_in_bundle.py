"""What invitations, resets, the second factor and single sign-on offer to the faces."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from core.domain.ids import TenantId, UserId
from core.domain.page import Counting, Page
from people_ops.application.accept_invitation import AcceptInvitation
from people_ops.application.change_invitation import ResendInvitation, RevokeInvitation
from people_ops.application.configure_sso import ConfigureSso, RemoveSso
from people_ops.application.invite_member import InviteAsOperator, InviteMember
from people_ops.application.look_at_link import LookAtInvitation, LookAtReset
from people_ops.application.mail import SendMail
from people_ops.application.oidc import FinishOidc, SsoLookup, StartOidc
from people_ops.application.ports import EVERYTHING, PeopleFilter
from people_ops.application.reset_password import AskForReset, CompleteReset, PrepareReset
from people_ops.application.second_factor import (
    ConfirmSecondFactor,
    DisableSecondFactor,
    EnrolSecondFactor,
    SecondFactorCheck,
)
from people_ops.domain.invitation import InvitationId


@dataclass(frozen=True, slots=True)
class InvitationView:
    id: InvitationId
    email: str
    roles: list[str]
    state: str  # open, accepted, revoked, expired
    invited_by: UserId | None
    created_at: datetime
    expires_at: datetime


class InvitationQueries(Protocol):
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
        """``state``: as in the view, or waiting, which is open or expired. Raises InvalidCursor."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WaysIn:
    invite: InviteMember
    invite_as_operator: InviteAsOperator
    resend_invitation: ResendInvitation
    revoke_invitation: RevokeInvitation
    look_at_invitation: LookAtInvitation
    accept_invitation: AcceptInvitation
    invitations: InvitationQueries
    ask_for_reset: AskForReset
    prepare_reset: PrepareReset
    look_at_reset: LookAtReset
    complete_reset: CompleteReset
    enrol_second_factor: EnrolSecondFactor
    confirm_second_factor: ConfirmSecondFactor
    disable_second_factor: DisableSecondFactor
    second_factor: SecondFactorCheck
    configure_sso: ConfigureSso
    remove_sso: RemoveSso
    sso_of: SsoLookup
    start_oidc: StartOidc
    finish_oidc: FinishOidc
    send_mail: SendMail
    cookies_secure: bool  # the service is reached by https
    oidc_callback: str  # where identity providers send browsers back to
    mails_are_logged: bool  # there is no mail server: who runs the service reads them in its log
    shows_links: Callable[
        [], bool
    ]  # who invites may see the link: as things are, it opens nothing that is not theirs
