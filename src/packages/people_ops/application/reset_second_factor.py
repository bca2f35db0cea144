"""Somebody has lost their second factor, and the codes to recover it by: the machine's console takes it away."""

from collections.abc import Callable
from dataclasses import dataclass

from core.domain.actor import Actor
from core.domain.ids import UserId
from people_ops.application.second_factor import SecondFactorUnitOfWork
from people_ops.domain.member import no_such_member
from people_ops.domain.second_factor import NoSecondFactor


@dataclass(frozen=True, slots=True)
class ResetSecondFactor:
    """Log-in asks for the password alone, until the person enrols again."""

    uow: Callable[[Actor], SecondFactorUnitOfWork]

    def __call__(self, actor: Actor, user_id: UserId) -> None:
        """``actor`` is within a tenant of theirs. Raises NoSuchMember, NoSecondFactor."""
        with self.uow(actor) as uow:
            user = uow.user(user_id) if uow.membership(user_id) else None
            if user is None:
                raise no_such_member()
            if not user.totp_seed:
                raise NoSecondFactor("Log-in asks for the password alone.")
            user.totp_seed = ""
            uow.keep_pending_seed(user_id, "")
            uow.replace_recovery_codes(user_id, ())
            uow.audit("second_factor.reset", user_id)
            uow.commit()
