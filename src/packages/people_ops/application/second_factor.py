"""A time-based code as second factor: enrol, confirm, verify at log-in, disable."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from core.application.uow import UnitOfWork
from core.domain.actor import Actor
from core.domain.errors import Forbidden
from core.domain.ids import PLATFORM, UserId
from people_ops.application.ports import Attempts, Passwords
from people_ops.application.ways_in import SystemLookups
from people_ops.domain.links import token_hash
from people_ops.domain.second_factor import NoSecondFactor, SecondFactorInUse, WrongCode, WrongPassword
from people_ops.domain.user import Membership, User

RECOVERY_CODES = 10


class PeopleOnly(Forbidden):
    title = "Only people have a second factor"


class Codes(Protocol):
    """The algorithm; seeds are stored encrypted, and only as such do they leave it, the first showing aside."""

    def new_seed(self) -> str:
        """Encrypted."""

    def secret(self, seed: str) -> str:
        """In base 32, for people who type it."""

    def uri(self, seed: str, account: str) -> str:
        """``otpauth://...``, for a QR code."""

    def counter(self, seed: str, code: str) -> int | None:
        """Of the time step the code belongs to, now or one step around it; None: it is wrong."""

    def new_recovery_code(self) -> str: ...


class SecondFactorUnitOfWork(UnitOfWork, Protocol):
    def user(self, user_id: UserId) -> User | None: ...
    def membership(self, user_id: UserId) -> Membership | None:
        """In the actor's tenant."""

    def own_roles(self) -> Mapping[str, Sequence[str]]:
        """The tenant's own: permissions by name."""

    def count_tenants(self, user_id: UserId) -> int:
        """That the user is a member of."""

    def pending_seed(self, user_id: UserId) -> str: ...
    def keep_pending_seed(self, user_id: UserId, seed: str) -> None: ...
    def use_counter(self, user_id: UserId, counter: int) -> bool:
        """False where this or a later one was used: of two at once one gets True."""

    def use_recovery_code(self, user_id: UserId, code_hash: str) -> bool: ...
    def replace_recovery_codes(self, user_id: UserId, hashes: Sequence[str]) -> None: ...


@dataclass(frozen=True, slots=True)
class Enrolment:
    """Shown once."""

    secret: str = field(repr=False)
    uri: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class EnrolSecondFactor:
    """A seed that counts once a code of it confirms that it arrived. Asking again makes another."""

    uow: Callable[[Actor], SecondFactorUnitOfWork]
    codes: Codes
    lookups: SystemLookups
    passwords: Passwords
    attempts: Attempts

    def __call__(self, actor: Actor, *, password: str) -> Enrolment:
        """Raises PeopleOnly, WrongPassword, SecondFactorInUse, TooMany."""
        _check_password(actor, password, self.lookups, self.passwords, attempts=self.attempts)
        seed = self.codes.new_seed()
        with self.uow(actor) as uow:
            user = _person(uow, actor)
            if user.totp_seed:
                raise SecondFactorInUse("It protects this user.", fix="Disable it first.")
            uow.keep_pending_seed(user.id, seed)
            uow.audit("second_factor.enrolled", user.id)
            uow.commit()
        self.attempts.give_back(f"totp:{user.id}")
        return Enrolment(self.codes.secret(seed), self.codes.uri(seed, user.email))


@dataclass(frozen=True, slots=True)
class ConfirmSecondFactor:
    """From now on log-in asks for a code. Gives the recovery codes, shown once."""

    uow: Callable[[Actor], SecondFactorUnitOfWork]
    codes: Codes
    attempts: Attempts

    def __call__(self, actor: Actor, *, code: str) -> Sequence[str]:
        """Raises PeopleOnly, NoSecondFactor, SecondFactorInUse, WrongCode, TooMany."""
        self.attempts.admit(f"totp:{actor.user_id}", told=(actor,))
        recovery = [self.codes.new_recovery_code() for _ in range(RECOVERY_CODES)]
        with self.uow(actor) as uow:
            user = _person(uow, actor)
            seed = uow.pending_seed(user.id)
            if user.totp_seed:
                raise SecondFactorInUse("It is confirmed already.", fix="Log in with a code of it.")
            if not seed:
                raise NoSecondFactor("None waits for its first code.", fix="Enrol first.")
            counter = self.codes.counter(seed, code)
            if counter is None or not uow.use_counter(user.id, counter):
                raise WrongCode
            user.totp_seed = seed
            uow.keep_pending_seed(user.id, "")
            uow.replace_recovery_codes(user.id, [recovery_hash(each) for each in recovery])
            uow.audit("second_factor.confirmed", user.id)
            uow.commit()
        self.attempts.give_back(f"totp:{user.id}")
        return recovery


@dataclass(frozen=True, slots=True)
class DisableSecondFactor:
    uow: Callable[[Actor], SecondFactorUnitOfWork]
    codes: Codes
    lookups: SystemLookups
    passwords: Passwords
    attempts: Attempts

    def __call__(self, actor: Actor, *, password: str, code: str) -> None:
        """``code`` may be a recovery code. Raises PeopleOnly, NoSecondFactor, WrongPassword, WrongCode, TooMany."""
        _check_password(actor, password, self.lookups, self.passwords, attempts=self.attempts)
        with self.uow(actor) as uow:
            user = _person(uow, actor)
            if not user.totp_seed:
                raise NoSecondFactor("Log-in asks for the password alone.")
            if not accept(uow, self.codes, user, code):
                raise WrongCode
            user.totp_seed = ""
            uow.replace_recovery_codes(user.id, ())
            uow.audit("second_factor.disabled", user.id)
            uow.commit()
        self.attempts.give_back(f"totp:{user.id}")


def accept(uow: SecondFactorUnitOfWork, codes: Codes, user: User, code: str) -> bool:
    """Uses up the code or recovery code, with the transaction."""
    counter = codes.counter(user.totp_seed, code)
    if counter is not None:
        return uow.use_counter(user.id, counter)
    if uow.use_recovery_code(user.id, recovery_hash(code)):
        uow.audit("second_factor.recovery_code_used", user.id)
        return True
    return False


def recovery_hash(code: str) -> str:
    return token_hash("".join(c for c in code.lower() if c.isalnum()))


def _person(uow: SecondFactorUnitOfWork, actor: Actor) -> User:
    user = uow.user(actor.user_id) if actor.user_id and not actor.key_id else None
    if user is None:
        raise PeopleOnly("An API key and the console have none.", fix="Log in as the person.")
    return user


def _check_password(
    actor: Actor, password: str, lookups: SystemLookups, passwords: Passwords, *, attempts: Attempts
) -> None:
    """Before a transaction is open: hashing is slow on purpose."""
    attempts.admit(f"totp:{actor.user_id}", told=(actor,))
    stored = lookups.password_hash(actor.user_id) if actor.user_id else ""
    if not (stored and passwords.verify(password, stored)):
        raise WrongPassword


@dataclass(frozen=True, slots=True)
class SecondFactorCheck:
    """The log-in's second question, asked outside any other transaction: a code is used up even if the log-in fails."""

    uow: Callable[[Actor], SecondFactorUnitOfWork]
    codes: Codes

    def verify(self, user: User, otp: str) -> bool:
        """False for a wrong, old or used code. Only for users with a ``totp_seed``."""
        with self.uow(Actor(tenant_id=PLATFORM, user_id=user.id)) as uow:
            if not accept(uow, self.codes, user, otp):
                return False
            uow.commit()
        return True
