from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from core.domain.actor import Actor
from people_ops.application.invite_member import Invited, check_grant, send_invitation
from people_ops.application.mail import Envelopes
from people_ops.application.ways_in import NewTokens, TenantWaysIn
from people_ops.domain.invitation import InvitationId
from people_ops.domain.links import Links, token_hash


@dataclass(frozen=True, slots=True)
class RevokeInvitation:
    uow: Callable[[Actor], TenantWaysIn]
    clock: Callable[[], datetime]

    def __call__(self, actor: Actor, invitation_id: InvitationId) -> None:
        """Raises NoSuchInvitation, InvitationIsClosed."""
        with self.uow(actor) as uow:
            uow.invitation(invitation_id).revoke(self.clock())
            uow.audit("invitation.revoked", invitation_id)
            uow.commit()


@dataclass(frozen=True, slots=True)
class ResendInvitation:
    """A new link and a new term; the link before stops working."""

    uow: Callable[[Actor], TenantWaysIn]
    clock: Callable[[], datetime]
    new_token: NewTokens
    links: Links
    envelopes: Envelopes

    def __call__(self, actor: Actor, invitation_id: InvitationId, *, by_mail: bool = True) -> Invited:
        """``by_mail`` as for ``InviteMember``. Raises NoSuchInvitation, InvitationIsClosed, MoreThanYouMay, NoSuchRole."""
        token = self.new_token()
        with self.uow(actor) as uow:
            invitation = uow.invitation(invitation_id)
            check_grant(actor, uow.permissions_of(invitation.roles))
            invitation.renew(token_hash(token), self.clock())
            uow.audit("invitation.resent", invitation_id)
            link = self.links.invitation(token)
            if by_mail:
                send_invitation(uow, self.envelopes, invitation, link)
            uow.commit()
        return Invited(invitation_id, invitation.email, link)
