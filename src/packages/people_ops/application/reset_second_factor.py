"""Somebody has lost their second factor, and the codes to recover it by: who keeps their tenant takes it away."""

from collections.abc import Callable
from dataclasses import dataclass

from core.domain.actor import Actor
from core.domain.errors import Forbidden
from core.domain.ids import UserId
from people_ops.application.invite_member import check_grant
from people_ops.application.second_factor import SecondFactorUnitOfWork
from people_ops.domain.member import no_such_member
from people_ops.domain.role import permissions_of
from people_ops.domain.second_factor import NoSecondFactor


class OtherTenantsToo(Forbidden):
    title = "This person belongs to other tenants, too"


@dataclass(frozen=True, slots=True)
class ResetSecondFactor:
    """Log-in asks for the password alone, until the person enrols again."""

    uow: Callable[[Actor], SecondFactorUnitOfWork]

    def __call__(self, actor: Actor, user_id: UserId) -> None:
        """``actor`` is within a tenant of theirs, or the machine's console. Raises NoSuchMember, NoSecondFactor,
        MoreThanYouMay, OtherTenantsToo."""
        with self.uow(actor) as uow:
            member, user = uow.membership(user_id), uow.user(user_id)
            if user is None or member is None:
                raise no_such_member()
            if actor.user_id is not None or actor.key_id is not None:
                check_grant(actor, permissions_of(actor.tenant_id, member.roles, uow.own_roles()))
                if uow.count_tenants(user_id) > 1:
                    raise OtherTenantsToo(
                        "Their second factor protects other tenants, too.",
                        fix="Ask the operator: anomaly_detection user reset-mfa",
                    )
            if not user.totp_seed:
                raise NoSecondFactor("Log-in asks for the password alone.")
            user.totp_seed = ""
            uow.keep_pending_seed(user_id, "")
            uow.replace_recovery_codes(user_id, ())
            uow.audit("second_factor.reset", user_id)
            uow.commit()
