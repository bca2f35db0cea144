from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from core.application.quota import Quota
from core.domain.actor import Actor
from core.domain.errors import Forbidden, Invalid
from core.domain.ids import TenantId, UserId, new_id
from people_ops.application.ports import Attempts, Passwords
from people_ops.application.ways_in import SystemLookups, SystemWaysIn
from people_ops.domain.invitation import Invitation
from people_ops.domain.links import LinkNotValid, token_hash
from people_ops.domain.user import Membership, User


class NamePasswordNeeded(Invalid):
    title = "A name and a password are needed"


class UserDisabled(Forbidden):
    title = "This user is disabled"


@dataclass(frozen=True, slots=True)
class Joined:
    tenant_id: TenantId
    user_id: UserId


@dataclass(frozen=True, slots=True)
class AcceptInvitation:
    """Who holds the link joins the tenant; who has a password already keeps it."""

    uow: Callable[[Actor], SystemWaysIn]
    lookups: SystemLookups
    clock: Callable[[], datetime]
    passwords: Passwords
    attempts: Attempts

    def __call__(
        self, address: str, *, token: str, name: str = "", password: str = "", by_sso: bool = False
    ) -> Joined:
        """``address`` is the peer's; ``by_sso``: the tenant's identity provider will say who they are, so that nothing
        else is needed. Raises LinkNotValid, NamePasswordNeeded, UserDisabled, Invalid (the password),
        TooMany, QuotaExceeded."""
        self.attempts.admit(address)
        tenant_id = self.lookups.tenant_of_invitation(token_hash(token))
        if tenant_id is None:
            raise LinkNotValid
        password_hash = self._hashed(password)
        with self.uow(Actor(tenant_id=tenant_id, address=address)) as uow:
            invitation = uow.invitation_of_token(token_hash(token))
            if invitation is None:
                raise LinkNotValid
            invitation.accept(self.clock())
            if by_sso and _is_let_in(uow, invitation.email):
                name = name or invitation.email.partition("@")[0]
            elif not (name and password_hash):
                self._check_known(uow, invitation.email)
            user = self._user(uow, invitation.email, name, password_hash)
            self._join(uow, user, invitation)
            uow.audit("invitation.accepted", invitation.id, after={"user_id": str(user.id)})
            uow.commit()
        self.attempts.give_back(address)
        return Joined(tenant_id, user.id)

    def _hashed(self, password: str) -> str:
        """Made before the transaction is open: it is slow on purpose."""
        if not password:
            return ""
        self.passwords.check(password)
        return self.passwords.hash(password)

    def _check_known(self, uow: SystemWaysIn, email: str) -> None:
        """Raises NamePasswordNeeded."""
        if uow.user_of_email(email) is None:
            raise NamePasswordNeeded("You are new here.", fix="Send name and password too.")

    def _user(self, uow: SystemWaysIn, email: str, name: str, password_hash: str) -> User:
        user = uow.user_of_email(email)
        if user is None:
            user = User(id=UserId(new_id()), email=email, name=name, created_at=self.clock())
            uow.add_row(user)
        if user.disabled_at is not None:
            raise UserDisabled("It cannot join a tenant.", fix="Ask the operator.")
        if not user.password_hash:
            user.password_hash = password_hash
        return user

    def _join(self, uow: SystemWaysIn, user: User, invitation: Invitation) -> None:
        if uow.membership(user.id) is not None:
            return
        uow.charge(Quota.USERS, 1)
        uow.add_row(
            Membership(
                user_id=user.id,
                tenant_id=invitation.tenant_id,
                roles=list(invitation.roles),
                created_at=self.clock(),
            )
        )
        uow.audit("member.joined", user.id, after={"roles": invitation.roles})


def _is_let_in(uow: SystemWaysIn, email: str) -> bool:
    sso = uow.single_sign_on()
    return sso is not None and sso.admits(email)
