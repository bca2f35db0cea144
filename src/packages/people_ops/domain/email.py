"""E-mail addresses as we compare them."""

from core.domain.errors import Invalid

LONGEST = 254  # RFC 5321, 4.5.3.1.3


class NotAnEmail(Invalid):
    title = "That is no e-mail address"


def normal_email(text: str) -> str:
    """Lower case. Raises NotAnEmail for what no mail can be sent to, and for what would forge a header."""
    email = text.strip().lower()
    local, at, domain = email.rpartition("@")
    labels = domain.split(".")
    plain = email.isprintable() and not any(c.isspace() or c in '<>,;:"()[]\\' for c in email)
    if not (
        at and 0 < len(local) <= 64 and "@" not in local and len(email) <= LONGEST and plain and all(labels)
    ):
        raise NotAnEmail("An address such as ana@example.org is expected.")
    return email


def domain_of(email: str) -> str:
    return email.rpartition("@")[2]
