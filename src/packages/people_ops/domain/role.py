"""Roles of a tenant's own, beside those that come with the product."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NewType
from uuid import UUID

from core.domain.errors import Conflict, Invalid, NotFound
from core.domain.ids import PLATFORM, TenantId
from people_ops.domain.permissions import ALL, PERMISSIONS, Role

RoleId = NewType("RoleId", UUID)


class NoSuchRole(Invalid):
    title = "There is no such role"


class RoleNotFound(NotFound):
    title = "No such role"


class RoleNameTaken(Conflict):
    title = "There is a role of that name"


class RoleInUse(Conflict):
    title = "Members have this role"


class NoSuchPermission(Invalid):
    title = "There is no such permission"


@dataclass(eq=False, kw_only=True)
class CustomRole:
    id: RoleId
    tenant_id: TenantId
    name: str
    permissions: list[str]
    created_at: datetime
    version: int = 1


def check_name(name: str) -> None:
    """Raises RoleNameTaken."""
    if name in set(Role):
        raise RoleNameTaken(f"{name!r} comes with the product.", fix="Choose another name.")


def check_permissions(permissions: Sequence[str]) -> None:
    """Raises NoSuchPermission."""
    if unknown := sorted(set(permissions) - ALL):
        raise NoSuchPermission(f"{unknown[0]!r} is none.", fix="GET /roles lists them all.")


def permissions_of(
    tenant_id: TenantId, roles: Sequence[str], own: Mapping[str, Sequence[str]]
) -> frozenset[str]:
    """Of all roles together; unknown ones give none. Operators' rights exist in the platform's tenant alone."""
    found: set[str] = set()
    for role in roles:
        if role in set(Role):
            found |= PERMISSIONS[Role(role)] if is_possible(tenant_id, role) else set()
        else:
            found |= ALL & set(own.get(role, ()))
    return frozenset(found)


def is_possible(tenant_id: TenantId, role: str) -> bool:
    return (role == Role.OPERATOR) == (tenant_id == PLATFORM)


def check_roles(tenant_id: TenantId, roles: Sequence[str], own: Mapping[str, Sequence[str]]) -> None:
    """Raises NoSuchRole."""
    for role in roles:
        known = is_possible(tenant_id, role) if role in set(Role) else role in own
        if not known:
            raise NoSuchRole(f"{role!r} is none of this tenant's.", fix="GET /roles lists them.")
