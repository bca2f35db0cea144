"""Mails: asked for with the transaction that causes them, sent by a job afterwards."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from core.application.jobs import JobControl
from core.domain.actor import Actor
from core.domain.errors import Unavailable

SEND_MAIL = "mail.send"
ATTEMPTS = 8  # with growing waits between them


class MailNotSent(Unavailable):
    title = "The mail could not be sent"


@dataclass(frozen=True, slots=True)
class Mail:
    to: str
    subject: str
    text: str


class Mailer(Protocol):
    def send(self, to: str, subject: str, text: str) -> None:
        """Raises MailNotSent."""


class Envelopes(Protocol):
    """A mail inside the payload of a job: it holds a secret link and an address, so nobody reads it there."""

    def seal(self, mail: Mail) -> Mapping[str, object]: ...

    def open(self, payload: Mapping[str, Any]) -> Mail: ...


@dataclass(frozen=True, slots=True)
class SendMail:
    """The job ``mail.send``. A worker that dies between sending and saying so sends it once more."""

    mailer: Mailer
    envelopes: Envelopes

    def __call__(self, actor: Actor, payload: Mapping[str, Any], control: JobControl) -> None:
        mail = self.envelopes.open(payload)
        self.mailer.send(mail.to, mail.subject, mail.text)
