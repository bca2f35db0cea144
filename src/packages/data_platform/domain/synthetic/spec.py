"""What somebody wants generated."""

from core.domain.errors import InvalidOption


class InvalidSpec(InvalidOption):
    title = "That cannot be generated"


def require(holds: bool, detail: str, fix: str) -> None:
    """Raises InvalidSpec."""
    if not holds:
        raise InvalidSpec(detail, fix=fix)
