"""Somebody becomes a member at once, without a mail: for the machine's console and the demo."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from core.application.quota import Quota
from core.domain.actor import Actor
from core.domain.ids import UserId, new_id
from people_ops.application.accept_invitation import UserDisabled
from people_ops.application.invite_member import AlreadyMember
from people_ops.application.ports import Passwords
from people_ops.application.ways_in import SystemWaysIn
from people_ops.domain.email import normal_email
from people_ops.domain.role import check_roles
from people_ops.domain.user import Membership, User


@dataclass(frozen=True, slots=True)
class AddMember:
    """Not for HTTP: it asks neither the person nor what the actor may do. Who has a password already keeps it."""

    uow: Callable[[Actor], SystemWaysIn]
    clock: Callable[[], datetime]
    passwords: Passwords

    def __call__(self, actor: Actor, *, email: str, name: str, password: str, roles: Sequence[str]) -> UserId:
        """``actor`` is within the tenant. Raises NotAnEmail, PasswordRefused, NoSuchRole, AlreadyMember, UserDisabled,
        QuotaExceeded."""
        address, now = normal_email(email), self.clock()
        self.passwords.check(password)
        hashed = self.passwords.hash(password)
        with self.uow(actor) as uow:
            check_roles(actor.tenant_id, roles, uow.own_roles())
            user = uow.user_of_email(address)
            if user is None:
                user = User(id=UserId(new_id()), email=address, name=name, created_at=now)
                uow.add_row(user)
            if user.disabled_at is not None:
                raise UserDisabled("It cannot join a tenant.", fix="Name another person.")
            if uow.membership(user.id) is not None:
                raise AlreadyMember("Change their roles instead.")
            user.password_hash = user.password_hash or hashed
            granted = sorted(set(roles))
            uow.charge(Quota.USERS, 1)
            uow.add_row(Membership(user_id=user.id, tenant_id=actor.tenant_id, roles=granted, created_at=now))
            uow.audit("member.joined", user.id, after={"roles": granted, "by": "console"})
            uow.commit()
        return user.id
