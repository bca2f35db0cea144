"""Who belongs to a tenant, and as what."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from core.application.quota import Quota
from core.domain.actor import Actor
from core.domain.errors import Stale
from core.domain.ids import UserId
from people_ops.application.invite_member import check_grant
from people_ops.application.ports import EraseUser, ForgetInAudit, PeopleUnitOfWork
from people_ops.domain.member import LastAdmin, NoSuchMember
from people_ops.domain.permissions import Role
from people_ops.domain.role import check_roles, permissions_of
from people_ops.domain.user import Membership

Uow = Callable[[Actor], PeopleUnitOfWork]


@dataclass(frozen=True, slots=True)
class ChangeMember:
    """What is None stays. The console of the machine may grant everything."""

    uow: Uow
    clock: Callable[[], datetime]

    def __call__(
        self,
        actor: Actor,
        user_id: UserId,
        *,
        roles: Sequence[str] | None = None,
        disabled: bool | None = None,
        version: int | None = None,
    ) -> None:
        """Raises NoSuchMember, NoSuchRole, MoreThanYouMay, LastAdmin, Stale."""
        with self.uow(actor) as uow:
            members = uow.lock_members()
            member = _one(members, user_id)
            if version not in (None, member.version):
                raise Stale("Someone else changed it.", fix="Read it again, then repeat.")
            before = {"roles": list(member.roles), "disabled": member.disabled_at is not None}
            own = uow.own_roles()
            if not _is_console(actor):
                check_grant(actor, permissions_of(actor.tenant_id, member.roles, own))
            if roles is not None:
                check_roles(actor.tenant_id, roles, own)
                if not _is_console(actor):
                    check_grant(actor, permissions_of(actor.tenant_id, roles, own))
                member.roles = sorted(set(roles))
            if disabled is not None:
                member.disabled_at = (member.disabled_at or self.clock()) if disabled else None
            _keep_an_admin(actor, members)
            if disabled:
                uow.end_sessions(user_id)
            after = {"roles": list(member.roles), "disabled": member.disabled_at is not None}
            uow.audit("member.changed", user_id, before=before, after=after)
            uow.commit()


@dataclass(frozen=True, slots=True)
class RemoveMember:
    uow: Uow

    def __call__(self, actor: Actor, user_id: UserId) -> None:
        """Raises NoSuchMember, LastAdmin, MoreThanYouMay."""
        with self.uow(actor) as uow:
            members = uow.lock_members()
            member = _one(members, user_id)
            if not _is_console(actor):
                check_grant(actor, permissions_of(actor.tenant_id, member.roles, uow.own_roles()))
            _keep_an_admin(actor, [each for each in members if each is not member])
            uow.end_sessions(user_id)
            uow.delete(member)
            uow.charge(Quota.USERS, -1)
            uow.audit("member.removed", user_id, before={"roles": list(member.roles)})
            uow.commit()


@dataclass(frozen=True, slots=True)
class EraseMember:
    """Removes a member and what is personal of them: in this tenant's audit, and all of it once no tenant has them."""

    remove: RemoveMember
    erase_user: EraseUser
    forget_in_audit: ForgetInAudit

    def __call__(self, actor: Actor, user_id: UserId) -> None:
        """Raises NoSuchMember, LastAdmin, MoreThanYouMay."""
        self.remove(actor, user_id)
        email = self.erase_user(user_id)
        self.forget_in_audit(actor, user_id, email=email)


def _one(members: Sequence[Membership], user_id: UserId) -> Membership:
    for member in members:
        if member.user_id == user_id:
            return member
    raise NoSuchMember("There is none with that id.", fix="List the members.")


def _keep_an_admin(actor: Actor, members: Sequence[Membership]) -> None:
    needed = {Role.TENANT_ADMIN, Role.OPERATOR}
    if not any(needed & set(member.roles) and member.disabled_at is None for member in members):
        raise LastAdmin("It is the last one.", fix="Make somebody else an administrator first.")


def _is_console(actor: Actor) -> bool:
    return actor.user_id is None and actor.key_id is None
