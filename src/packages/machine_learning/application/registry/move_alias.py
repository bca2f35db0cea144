"""Which version does what. Each move is kept, with who made it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from core.domain.actor import Actor
from machine_learning.application.registry.ports import AliasMove, RegistryTransaction, RegistryUnitOfWork
from machine_learning.domain.registry.model import CHAMPION, Model


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    alias: str
    before: int | None
    after: int | None
    reason: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class PointAlias:
    """Let an alias name a version: ``champion`` to promote it."""

    uow: RegistryTransaction
    clock: Callable[[], datetime]

    def __call__(
        self, actor: Actor, reference: str, *, alias: str, number: int, version: int | None, note: str = ""
    ) -> Model:
        """``version`` of the model the caller read; ``note``: why. Raises ModelNotFound, VersionNotFound, NotServable, Stale,
        TooManyAliases."""
        with self.uow(actor) as uow:
            model = uow.model(reference)
            model.require_version(version)
            before = model.point(alias, uow.version(model, number))
            if before == number:
                return model
            move = Move(alias=alias, before=before, after=number, reason="promoted", note=note)
            recorded(uow, actor, model, move=move, at=self.clock())
            uow.commit()
        return model


@dataclass(frozen=True, slots=True)
class RemoveAlias:
    uow: RegistryTransaction
    clock: Callable[[], datetime]

    def __call__(self, actor: Actor, reference: str, *, alias: str, version: int | None) -> Model:
        """Raises ModelNotFound, AliasNotFound, Stale."""
        with self.uow(actor) as uow:
            model = uow.model(reference)
            model.require_version(version)
            move = Move(alias=alias, before=model.unpoint(alias), after=None, reason="removed")
            recorded(uow, actor, model, move=move, at=self.clock())
            uow.commit()
        return model


@dataclass(frozen=True, slots=True)
class RollBack:
    """Make the champion before the present one champion again; a second time, the one before that."""

    uow: RegistryTransaction
    clock: Callable[[], datetime]

    def __call__(self, actor: Actor, reference: str, *, version: int | None, note: str = "") -> Model:
        """Raises ModelNotFound, NoFormerChampion, NotServable, Stale."""
        with self.uow(actor) as uow:
            model = uow.model(reference)
            model.require_version(version)
            former = uow.version(model, model.former_champion)
            before = model.roll_back(former)
            move = Move(alias=CHAMPION, before=before, after=former.number, reason="rolled_back", note=note)
            recorded(uow, actor, model, move=move, at=self.clock())
            uow.commit()
        return model


def recorded(uow: RegistryUnitOfWork, actor: Actor, model: Model, *, move: Move, at: datetime) -> None:
    """In the model's history and in the audit log."""
    uow.record_move(
        AliasMove(
            model_id=model.id,
            alias=move.alias,
            before=move.before,
            after=move.after,
            reason=move.reason,
            note=move.note,
            user_id=actor.user_id,
            key_id=actor.key_id,
            at=at,
        )
    )
    uow.audit(
        f"model.alias_{'removed' if move.after is None else 'moved'}",
        model.id,
        before={move.alias: move.before},
        after={move.alias: move.after, "model": model.slug, "reason": move.reason},
    )
