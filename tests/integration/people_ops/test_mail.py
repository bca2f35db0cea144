"""Mails through a real SMTP server: in clear, by STARTTLS and by TLS."""

import ssl
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, Envelope
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from people_ops.application.mail import MailNotSent
from people_ops.infrastructure.mail import SmtpMailer


@dataclass
class Inbox:
    received: list[Envelope] = field(default_factory=list)
    refusing: bool = False

    async def handle_DATA(self, server: Any, session: Any, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's name
        if self.refusing:
            return "451 try again later"
        self.received.append(envelope)
        return "250 OK"


class OnAFreePort(Controller):
    def _trigger_server(self) -> None:
        """aiosmtpd connects once to see that it runs: it must know the port by then."""
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Key and self-signed certificate of 127.0.0.1."""
    key = ec.generate_private_key(ec.SECP256R1())
    name, now = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")]), datetime.now(UTC)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(hours=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(IPv4Address("127.0.0.1"))]), critical=False
        )
        .sign(key, hashes.SHA256())
    )
    form = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    path = tmp_path_factory.mktemp("tls") / "server.pem"
    path.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, *form) + made.public_bytes(serialization.Encoding.PEM)
    )
    return path


@pytest.fixture
def server_tls(certificate: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return context


@pytest.fixture
def trusting(certificate: Path) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=str(certificate))


@pytest.fixture
def inbox() -> Inbox:
    return Inbox()


Serve = Callable[..., int]


@pytest.fixture
def serve(inbox: Inbox) -> Iterator[Serve]:
    """Starts a server with aiosmtpd's options on a free port, which it returns."""
    started: list[Controller] = []

    def start(**options: Any) -> int:
        controller = OnAFreePort(inbox, hostname="127.0.0.1", port=0, **options)
        started.append(controller)
        controller.start()
        return int(controller.port)

    yield start
    for controller in started:
        controller.stop()


def mailer(port: int, **changes: Any) -> SmtpMailer:
    return SmtpMailer(host="127.0.0.1", port=port, sender="anom@example.org", timeout_s=5, **changes)


def send(by: SmtpMailer) -> None:
    by.send("ana@example.org", "Grüße", "Ein Link:\n\nhttps://anom.example/x\n")


def test_a_mail_arrives_whole(serve: Serve, inbox: Inbox) -> None:
    send(mailer(serve(), encryption="none"))
    [mail] = inbox.received
    content = mail.content.decode() if isinstance(mail.content, bytes) else str(mail.content)
    assert (mail.mail_from, mail.rcpt_tos) == ("anom@example.org", ["ana@example.org"])
    assert "https://anom.example/x" in content
    assert "Message-ID:" in content


def test_starttls_with_user_and_password(
    serve: Serve, inbox: Inbox, server_tls: ssl.SSLContext, trusting: ssl.SSLContext
) -> None:
    asked: list[tuple[bytes, bytes]] = []

    def check(server: Any, session: Any, envelope: Any, mechanism: str, auth: Any) -> AuthResult:
        asked.append((auth.login, auth.password))
        return AuthResult(success=auth.password == b"right")

    port = serve(tls_context=server_tls, require_starttls=True, authenticator=check, auth_required=True)
    send(mailer(port, tls=trusting, user="anom", password="right"))
    assert (asked, len(inbox.received)) == ([(b"anom", b"right")], 1)
    with pytest.raises(MailNotSent):
        send(mailer(port, tls=trusting, user="anom", password="wrong"))


def test_tls_from_the_first_byte(
    serve: Serve, inbox: Inbox, server_tls: ssl.SSLContext, trusting: ssl.SSLContext
) -> None:
    send(mailer(serve(ssl_context=server_tls), encryption="tls", tls=trusting))
    assert len(inbox.received) == 1


def test_a_server_without_starttls_gets_no_mail_in_clear(serve: Serve, inbox: Inbox) -> None:
    with pytest.raises(MailNotSent):
        send(mailer(serve(), encryption="starttls"))
    assert inbox.received == []


def test_a_certificate_nobody_vouches_for_is_refused(
    serve: Serve, inbox: Inbox, server_tls: ssl.SSLContext
) -> None:
    with pytest.raises(MailNotSent):
        send(mailer(serve(tls_context=server_tls, require_starttls=True)))
    assert inbox.received == []


def test_a_server_that_is_down_or_refuses_is_an_error_that_tells_no_address(
    serve: Serve, inbox: Inbox
) -> None:
    inbox.refusing = True
    with pytest.raises(MailNotSent) as refused:
        send(mailer(serve(), encryption="none"))
    with pytest.raises(MailNotSent) as down:
        send(mailer(1, encryption="none"))
    assert "ana" not in f"{refused.value} {down.value}"


def test_a_password_is_not_shown_with_the_mailer() -> None:
    assert "hidden" not in repr(mailer(1, password="hidden"))
