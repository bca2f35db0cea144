"""Where mails go: to an SMTP server, or to the log where there is none."""

import json
import smtplib
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.utils import formatdate, make_msgid
from typing import Any, Literal

from core.infrastructure.encryption import Cipher
from core.infrastructure.logging import get_logger
from people_ops.application.mail import Mail, MailNotSent

Encryption = Literal["starttls", "tls", "none"]
TIMEOUT_S = 20.0


@dataclass(frozen=True, slots=True, kw_only=True)
class SmtpMailer:
    """Never sends in clear where ``encryption`` says otherwise: a server without STARTTLS is an error."""

    host: str
    port: int
    sender: str
    user: str = ""
    password: str = field(default="", repr=False)
    encryption: Encryption = "starttls"
    tls: ssl.SSLContext | None = None  # None: the system's authorities
    timeout_s: float = TIMEOUT_S

    def send(self, to: str, subject: str, text: str) -> None:
        message = EmailMessage()
        message["From"], message["To"], message["Subject"] = self.sender, to, subject
        message["Date"] = formatdate(usegmt=True)
        message["Message-ID"] = make_msgid(domain=self.sender.rpartition("@")[2])
        message.set_content(text)
        try:
            with self._connected() as server:
                if self.user:
                    server.login(self.user, self.password)
                server.send_message(message)
        except (OSError, smtplib.SMTPException) as error:
            # Not the server's own words: they quote the address.
            raise MailNotSent(
                f"The mail server failed: {type(error).__name__}.", fix="Check the settings mail.*."
            ) from error

    def _connected(self) -> smtplib.SMTP:
        context = self.tls or ssl.create_default_context()
        if self.encryption == "tls":
            return smtplib.SMTP_SSL(self.host, self.port, timeout=self.timeout_s, context=context)
        server = smtplib.SMTP(self.host, self.port, timeout=self.timeout_s)
        if self.encryption == "starttls":
            try:
                server.starttls(context=context)
            except (OSError, smtplib.SMTPException):
                server.close()
                raise
        return server


class LogMailer:
    """For the embedded default: who runs the server reads the mails in its log."""

    def send(self, to: str, subject: str, text: str) -> None:
        get_logger(__name__).warning("mail_printed", to=to, subject=subject, text=text)


@dataclass(frozen=True, slots=True)
class SealedMails:
    cipher: Cipher

    def seal(self, mail: Mail) -> Mapping[str, object]:
        content = {"to": mail.to, "subject": mail.subject, "text": mail.text}
        return {"sealed": self.cipher.encrypt(json.dumps(content))}

    def open(self, payload: Mapping[str, Any]) -> Mail:
        return Mail(**json.loads(self.cipher.decrypt(payload["sealed"])))
