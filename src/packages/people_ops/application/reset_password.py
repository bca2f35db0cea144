"""A forgotten password. The request does the same work for everybody; who has an account is found out by a job."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from core.application.jobs import JobControl
from core.domain.actor import Actor
from core.domain.ids import PLATFORM, new_id
from people_ops.application.mail import ATTEMPTS, SEND_MAIL, Envelopes, Mail
from people_ops.application.ports import Attempts, Passwords
from people_ops.application.ways_in import NewTokens, SystemWaysIn
from people_ops.domain.email import normal_email
from people_ops.domain.links import RESET_LIFE, LinkNotValid, Links, token_hash
from people_ops.domain.password_reset import PasswordReset
from people_ops.domain.user import User

PREPARE_RESET = "people.prepare_reset"


@dataclass(frozen=True, slots=True)
class AskForReset:
    uow: Callable[[Actor], SystemWaysIn]
    envelopes: Envelopes
    attempts: Attempts

    def __call__(self, address: str, *, email: str) -> None:
        """Raises NotAnEmail, TooMany: for unknown addresses as for known ones."""
        to = normal_email(email)
        self.attempts.admit(address)
        self.attempts.admit(f"reset:{token_hash(to)}")
        with self.uow(Actor(tenant_id=PLATFORM, address=address)) as uow:
            uow.enqueue(PREPARE_RESET, self.envelopes.seal(Mail(to, "", "")), max_attempts=ATTEMPTS)
            uow.audit("password_reset.asked")
            uow.commit()


@dataclass(frozen=True, slots=True)
class PrepareReset:
    """The job: a link for the owner of the mailbox, if there is one; earlier links stop working."""

    uow: Callable[[Actor], SystemWaysIn]
    clock: Callable[[], datetime]
    new_token: NewTokens
    links: Links
    envelopes: Envelopes

    def __call__(self, actor: Actor, payload: Mapping[str, Any], control: JobControl) -> None:
        email = self.envelopes.open(payload).to
        token, now = self.new_token(), self.clock()
        with self.uow(actor) as uow:
            user = uow.user_of_email(email)
            if user is None or user.disabled_at is not None:
                return
            uow.withdraw_resets(user.id)
            reset = PasswordReset(
                id=new_id(),
                user_id=user.id,
                token_hash=token_hash(token),
                created_at=now,
                expires_at=now + RESET_LIFE,
            )
            uow.add_row(reset)
            mail = reset_mail(user, self.links.password_reset(token))
            uow.enqueue(SEND_MAIL, self.envelopes.seal(mail), max_attempts=ATTEMPTS)
            uow.audit("password_reset.prepared", user.id)
            uow.commit()


def reset_mail(user: User, link: str) -> Mail:
    return Mail(
        user.email,
        "Set a new password for anomaly detection",
        f"Open this link to set a new password:\n\n{link}\n\n"
        "Programs send what follows its last slash as the token to POST /api/v1/auth/password-resets/completion.\n\n"
        "It works once, for an hour, and ends all your sessions. If you did not ask for it, do nothing.\n",
    )


@dataclass(frozen=True, slots=True)
class CompleteReset:
    """A new password, and the end of every session of the user. A second factor stays as it is."""

    uow: Callable[[Actor], SystemWaysIn]
    clock: Callable[[], datetime]
    passwords: Passwords
    attempts: Attempts

    def __call__(self, address: str, *, token: str, password: str) -> None:
        """Raises LinkNotValid, Invalid (the password), TooMany."""
        self.attempts.admit(address)
        self.passwords.check(password)
        password_hash = self.passwords.hash(password)
        with self.uow(Actor(tenant_id=PLATFORM, address=address)) as uow:
            reset = uow.reset_of_token(token_hash(token))
            user = uow.user(reset.user_id) if reset else None
            if reset is None or user is None or user.disabled_at is not None:
                raise LinkNotValid
            reset.use(self.clock())
            user.password_hash = password_hash
            uow.withdraw_resets(user.id)
            uow.end_sessions(user.id)
            uow.audit("password.reset", user.id)
            uow.commit()
        self.attempts.give_back(address)
