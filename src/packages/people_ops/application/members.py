"""Who belongs to a tenant, and as what."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from core.application.jobs import JobControl
from core.application.quota import Quota
from core.domain.actor import Actor
from core.domain.errors import Stale
from core.domain.ids import PLATFORM, JobId, UserId
from people_ops.application.invite_member import check_grant
from people_ops.application.ports import ForgetInAudit, PeopleUnitOfWork, PersonTraces
from people_ops.domain.member import LastAdmin, no_such_member
from people_ops.domain.permissions import Role
from people_ops.domain.role import check_roles, permissions_of
from people_ops.domain.user import Membership

Uow = Callable[[Actor], PeopleUnitOfWork]
ERASE_PERSON = "people.erase_person"
ATTEMPTS = 8


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
            _remove(uow, actor, user_id)
            uow.commit()


@dataclass(frozen=True, slots=True)
class EraseMember:
    """Removes a member at once; what is personal of them goes with the job that is asked for."""

    uow: Uow

    def __call__(self, actor: Actor, user_id: UserId) -> JobId:
        """Raises NoSuchMember, LastAdmin, MoreThanYouMay."""
        with self.uow(actor) as uow:
            _remove(uow, actor, user_id)
            payload = {"user_id": str(user_id)}
            job_id = uow.enqueue(ERASE_PERSON, payload, subject_id=user_id, max_attempts=ATTEMPTS)
            uow.commit()
        return job_id


@dataclass(frozen=True, slots=True)
class ErasePerson:
    """The job: what this tenant keeps of a person goes, and all of it once no tenant has them. May be repeated."""

    traces: PersonTraces
    forget_in_audit: ForgetInAudit

    def __call__(self, actor: Actor, payload: Mapping[str, Any], control: JobControl) -> None:
        user_id = UserId(UUID(payload["user_id"]))
        email = self.traces.last_email(user_id)
        # Without the claim, which holds in one tenant: an e-mail is forgotten in the platform's chain too.
        self.forget_in_audit(replace(actor, claim=None), user_id, email=email)
        self.traces.erase(actor.tenant_id, user_id)


def _remove(uow: PeopleUnitOfWork, actor: Actor, user_id: UserId) -> None:
    members = uow.lock_members()
    member = _one(members, user_id)
    if not _is_console(actor):
        check_grant(actor, permissions_of(actor.tenant_id, member.roles, uow.own_roles()))
    _keep_an_admin(actor, [each for each in members if each is not member])
    uow.end_sessions(user_id)
    uow.delete(member)
    uow.charge(Quota.USERS, -1)
    uow.audit("member.removed", user_id, before={"roles": list(member.roles)})


def _one(members: Sequence[Membership], user_id: UserId) -> Membership:
    for member in members:
        if member.user_id == user_id:
            return member
    raise no_such_member()


def _keep_an_admin(actor: Actor, members: Sequence[Membership]) -> None:
    if _is_console(actor) and actor.tenant_id == PLATFORM:  # it makes operators whenever it likes
        return
    needed = {Role.TENANT_ADMIN, Role.OPERATOR}
    if not any(needed & set(member.roles) and member.disabled_at is None for member in members):
        raise LastAdmin("It is the last one.", fix="Make somebody else an administrator first.")


def _is_console(actor: Actor) -> bool:
    return actor.user_id is None and actor.key_id is None
