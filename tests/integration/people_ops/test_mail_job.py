"""The job ``mail.send``: a server that is down is tried again."""

import pytest
from cryptography.fernet import Fernet

from core.domain.actor import Actor
from core.domain.errors import Unavailable
from core.domain.ids import TenantId, new_id
from core.infrastructure.encryption import Cipher, UnreadableSecret
from people_ops.application.mail import Mail, SendMail
from people_ops.infrastructure.mail import LogMailer, SealedMails, SmtpMailer
from tests.support.fakes import FakeJobControl

MAIL = Mail("ana@example.org", "Hello", "https://anom.example/invitation/secret-token")


def cipher() -> Cipher:
    return Cipher.of_keys(Fernet.generate_key().decode())


def test_a_server_that_is_down_is_an_error_that_jobs_are_retried_for() -> None:
    envelopes = SealedMails(cipher())
    job = SendMail(SmtpMailer(host="127.0.0.1", port=1, sender="a@b.org", encryption="none"), envelopes)
    with pytest.raises(Unavailable):
        job(Actor(tenant_id=TenantId(new_id())), envelopes.seal(MAIL), FakeJobControl())


def test_a_payload_tells_nothing_without_the_key() -> None:
    payload = SealedMails(cipher()).seal(MAIL)
    assert "secret-token" not in str(payload)
    with pytest.raises(UnreadableSecret):
        SealedMails(cipher()).open(payload)


def test_without_a_server_the_mail_is_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    envelopes = SealedMails(cipher())
    SendMail(LogMailer(), envelopes)(
        Actor(tenant_id=TenantId(new_id())), envelopes.seal(MAIL), FakeJobControl()
    )
    assert "mail_printed" in caplog.text
    assert MAIL.text in caplog.text
