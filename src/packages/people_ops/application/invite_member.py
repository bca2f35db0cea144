from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from core.domain.actor import Actor
from core.domain.errors import Conflict, Forbidden
from core.domain.ids import PLATFORM, new_id
from people_ops.application.mail import ATTEMPTS, SEND_MAIL, Envelopes, Mail
from people_ops.application.ways_in import NewTokens, TenantWaysIn
from people_ops.domain.email import normal_email
from people_ops.domain.invitation import Invitation, InvitationId
from people_ops.domain.links import INVITATION_LIFE, Links, token_hash
from people_ops.domain.permissions import ALL, OPERATE, Role

MOST_OPEN = 200  # invitations of one tenant: each is a mail to a stranger


class AlreadyMember(Conflict):
    title = "That person is a member already"


class AlreadyInvited(Conflict):
    title = "That person is invited already"


class TooManyInvitations(Conflict):
    title = "Too many invitations are open"


class MoreThanYouMay(Forbidden):
    title = "Nobody gives more rights than they have"


@dataclass(frozen=True, slots=True)
class Invited:
    """``link`` is shown on the console; over HTTP it goes to the mailbox alone, but where ``WaysIn.shows_links``."""

    id: InvitationId
    email: str
    link: str


@dataclass(frozen=True, slots=True)
class InviteMember:
    """A mail with a link, by which somebody joins the tenant of the actor."""

    uow: Callable[[Actor], TenantWaysIn]
    clock: Callable[[], datetime]
    new_token: NewTokens
    links: Links
    envelopes: Envelopes

    def __call__(self, actor: Actor, *, email: str, roles: Sequence[str], by_mail: bool = True) -> Invited:
        """``by_mail`` False: the caller hands over the link. Raises NotAnEmail, NoSuchRole, MoreThanYouMay, AlreadyMember, AlreadyInvited, TooManyInvitations."""
        address, token, now = normal_email(email), self.new_token(), self.clock()
        with self.uow(actor) as uow:
            check_grant(actor, uow.permissions_of(roles))
            if uow.is_member(address):
                raise AlreadyMember("Change their roles instead.")
            self._check_open(uow, address)
            invitation = Invitation(
                id=InvitationId(new_id()),
                tenant_id=actor.tenant_id,
                email=address,
                roles=sorted(set(roles)),
                token_hash=token_hash(token),
                invited_by=actor.user_id,
                created_at=now,
                expires_at=now + INVITATION_LIFE,
            )
            uow.add(invitation)
            uow.audit("invitation.created", invitation.id, after={"roles": invitation.roles})
            link = self.links.invitation(token)
            if by_mail:
                send_invitation(uow, self.envelopes, invitation, link)
            uow.commit()
        return Invited(invitation.id, invitation.email, link)

    def _check_open(self, uow: TenantWaysIn, email: str) -> None:
        if uow.open_invitation_for(email) is not None:
            raise AlreadyInvited("The invitation is open.", fix="Send it again, or revoke it first.")
        if uow.count_open_invitations() >= MOST_OPEN:
            raise TooManyInvitations(f"{MOST_OPEN} wait for an answer.", fix="Revoke some first.")


@dataclass(frozen=True, slots=True)
class InviteAsOperator:
    """For the console, and for the first administrator of a new tenant (enterprise's ``AdminInvitation``): with all
    rights a tenant has. Operators are invited to the platform's tenant alone."""

    invite: InviteMember

    def __call__(self, actor: Actor, email: str, roles: Sequence[str] = (Role.TENANT_ADMIN,)) -> str:
        """The link, for the console. ``actor`` is within the tenant. Raises as ``InviteMember``."""
        rights = ALL | OPERATE if actor.tenant_id == PLATFORM else ALL
        return self.invite(replace(actor, permissions=rights), email=email, roles=roles).link


def check_grant(actor: Actor, permissions: frozenset[str]) -> None:
    """Raises MoreThanYouMay."""
    if more := sorted(permissions - actor.permissions):
        raise MoreThanYouMay(
            "These roles permit what you may not do yourself.", fix="Choose fewer roles.", missing=tuple(more)
        )


def send_invitation(uow: TenantWaysIn, envelopes: Envelopes, invitation: Invitation, link: str) -> None:
    mail = Mail(
        invitation.email,
        "You are invited to anomaly detection",
        f"You are invited to work with anomaly detection. Open this link to join:\n\n{link}\n\n"
        "Programs send what follows its last slash as the token to POST /api/v1/auth/invitations/acceptance.\n\n"
        f"It works once, until {invitation.expires_at:%Y-%m-%d %H:%M} UTC. If you did not expect it, do nothing.\n",
    )
    uow.enqueue(SEND_MAIL, envelopes.seal(mail), subject_id=invitation.id, max_attempts=ATTEMPTS)
