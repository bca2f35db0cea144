"""Rules about who belongs to a tenant."""

from core.domain.errors import Conflict, NotFound


class NoSuchMember(NotFound):
    title = "No such member"


class LastAdmin(Conflict):
    title = "A tenant keeps one administrator"
