"""Roles of a tenant's own."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from core.domain.actor import Actor
from core.domain.errors import Stale
from core.domain.ids import new_id
from people_ops.application.invite_member import check_grant
from people_ops.application.ports import PeopleUnitOfWork
from people_ops.domain.role import (
    CustomRole,
    RoleId,
    RoleInUse,
    RoleNameTaken,
    check_name,
    check_permissions,
)

Uow = Callable[[Actor], PeopleUnitOfWork]


@dataclass(frozen=True, slots=True)
class CreateRole:
    uow: Uow
    clock: Callable[[], datetime]

    def __call__(self, actor: Actor, *, name: str, permissions: Sequence[str]) -> RoleId:
        """Raises RoleNameTaken, NoSuchPermission, MoreThanYouMay."""
        check_name(name)
        check_permissions(permissions)
        check_grant(actor, frozenset(permissions))
        role = CustomRole(
            id=RoleId(new_id()),
            tenant_id=actor.tenant_id,
            name=name,
            permissions=sorted(set(permissions)),
            created_at=self.clock(),
        )
        with self.uow(actor) as uow:
            if name in uow.own_roles():
                raise RoleNameTaken(f"{name!r} exists.", fix="Change it, or choose another name.")
            uow.add(role)
            uow.audit("role.created", role.id, after={"name": name, "permissions": role.permissions})
            uow.commit()
        return role.id


@dataclass(frozen=True, slots=True)
class ChangeRole:
    uow: Uow

    def __call__(
        self, actor: Actor, role_id: RoleId, *, permissions: Sequence[str], version: int | None = None
    ) -> None:
        """Raises RoleNotFound, NoSuchPermission, MoreThanYouMay, Stale."""
        check_permissions(permissions)
        check_grant(actor, frozenset(permissions))
        with self.uow(actor) as uow:
            role = uow.role(role_id)
            if version not in (None, role.version):
                raise Stale("Someone else changed it.", fix="Read it again, then repeat.")
            check_grant(actor, frozenset(role.permissions))
            before, role.permissions = list(role.permissions), sorted(set(permissions))
            uow.audit(
                "role.changed",
                role.id,
                before={"permissions": before},
                after={"permissions": role.permissions},
            )
            uow.commit()


@dataclass(frozen=True, slots=True)
class RemoveRole:
    uow: Uow

    def __call__(self, actor: Actor, role_id: RoleId) -> None:
        """Raises RoleNotFound, RoleInUse."""
        with self.uow(actor) as uow:
            role = uow.role(role_id)
            if any(role.name in member.roles for member in uow.lock_members()):
                raise RoleInUse(f"{role.name!r} is in use.", fix="Change its members first.")
            uow.delete(role)
            uow.audit("role.removed", role.id, before={"name": role.name})
            uow.commit()
