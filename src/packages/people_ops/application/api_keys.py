from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from core.domain.actor import Actor
from core.domain.errors import Forbidden, Invalid
from core.domain.ids import KeyId, new_id
from core.domain.public_ids import shown
from people_ops.application.ports import PeopleUnitOfWork
from people_ops.domain.api_key import PREFIX, ApiKey, expiry, permissions_of_scopes
from people_ops.domain.links import token_hash

SHOWN = 8  # characters of the random part, to recognise the key by


class ScopeWithoutRights(Invalid):
    title = "The key could do nothing"


class KeyBeyondRights(Forbidden):
    title = "The key may do what you may not"


@dataclass(frozen=True, slots=True)
class NewKey:
    """``key`` is shown once."""

    id: KeyId
    key: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class KeyMint:
    """Makes keys with a new secret each."""

    new_token: Callable[[], str]
    environment: str  # in the key's name: live or dev

    def __call__(self, actor: Actor, **values: Any) -> tuple[ApiKey, NewKey]:
        """``values`` are the key's own fields."""
        start = f"{PREFIX}{self.environment}_{shown('ten', actor.tenant_id)[-6:].lower()}_"
        secret = start + self.new_token()
        key = ApiKey(
            id=KeyId(new_id()),
            tenant_id=actor.tenant_id,
            start=secret[: len(start) + SHOWN],
            key_hash=token_hash(secret),
            **values,
        )
        return key, NewKey(key.id, secret)


@dataclass(frozen=True, slots=True)
class CreateKey:
    uow: Callable[[Actor], PeopleUnitOfWork]
    clock: Callable[[], datetime]
    mint: KeyMint

    def __call__(self, actor: Actor, *, name: str, scopes: Sequence[str], days: int) -> NewKey:
        """Raises NoSuchScope, InvalidExpiry, ScopeWithoutRights."""
        permissions, now = permissions_of_scopes(scopes), self.clock()
        if actor.user_id is not None:
            permissions &= actor.permissions
        if not permissions:
            raise ScopeWithoutRights("You have none of its rights.", fix="Choose other scopes.")
        key, made = self.mint(
            actor,
            name=name,
            scopes=sorted(set(scopes)),
            permissions=sorted(permissions),
            created_by=actor.user_id,
            created_at=now,
            expires_at=expiry(now, days),
        )
        with self.uow(actor) as uow:
            uow.add(key)
            uow.audit("key.created", key.id, after=_facts(key))
            uow.commit()
        return made


@dataclass(frozen=True, slots=True)
class RotateKey:
    """Another key for the same work takes the place of one, which stays valid for a while."""

    uow: Callable[[Actor], PeopleUnitOfWork]
    clock: Callable[[], datetime]
    mint: KeyMint

    def __call__(self, actor: Actor, key_id: KeyId, *, overlap_hours: int, days: int) -> NewKey:
        """Raises NoSuchKey, KeyIsOver, InvalidExpiry, KeyBeyondRights."""
        now = self.clock()
        with self.uow(actor) as uow:
            old = uow.key(key_id)
            if actor.user_id is not None and not actor.permissions.issuperset(old.permissions):
                raise KeyBeyondRights("Its secret would be yours.", fix="Ask an administrator to rotate it.")
            old.give_way(now, overlap_hours)
            key, made = self.mint(
                actor,
                name=old.name,
                scopes=old.scopes,
                permissions=old.permissions,
                created_by=actor.user_id or old.created_by,
                created_at=now,
                expires_at=expiry(now, days),
            )
            uow.add(key)
            uow.audit("key.created", key.id, after=_facts(key))
            ends_at = old.revoked_at or old.expires_at
            uow.audit(
                "key.rotated",
                old.id,
                after={"successor": shown("key", key.id), "ends_at": ends_at.isoformat()},
            )
            uow.commit()
        return made


@dataclass(frozen=True, slots=True)
class RevokeKey:
    uow: Callable[[Actor], PeopleUnitOfWork]
    clock: Callable[[], datetime]

    def __call__(self, actor: Actor, key_id: KeyId) -> None:
        """Raises NoSuchKey."""
        with self.uow(actor) as uow:
            key = uow.key(key_id)
            if key.revoked_at is None:
                key.revoke(self.clock())
                uow.audit("key.revoked", key.id)
                uow.commit()


def _facts(key: ApiKey) -> dict[str, Any]:
    return {"name": key.name, "scopes": key.scopes, "expires_at": key.expires_at.isoformat()}
