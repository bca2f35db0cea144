"""Why a source cannot be read as a table.

DomainError
|- InvalidTable   its content is not a table we can read
|- NoSuchSource   it is not there
`- Unreadable     it is there, and we may not read it
"""

from core.domain.errors import Forbidden, Invalid, NotFound


class InvalidTable(Invalid):
    title = "The table cannot be read"


class NoSuchSource(NotFound):
    title = "Nothing to read there"


class Unreadable(Forbidden):
    title = "Reading it is not permitted"
