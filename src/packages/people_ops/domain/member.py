"""Rules about who belongs to a tenant."""

from core.domain.errors import Conflict, NotFound


class NoSuchMember(NotFound):
    title = "No such member"


class LastAdmin(Conflict):
    title = "A tenant keeps one administrator"


def no_such_member() -> NoSuchMember:
    """Of another tenant or of none: nobody can tell which."""
    return NoSuchMember("There is none with that id or e-mail.", fix="List the members.")
