"""What people may call things: one rule for all names."""

from core.domain.errors import Invalid

LONGEST_NAME = 200
# Letters and signs of no ink; what is no letter, such as marks of direction, is not printable anyway.
BLANK = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")


class InvalidName(Invalid):
    title = "That is no name we can show"


def can_be_shown(name: str) -> bool:
    """On one line, each character to be seen: no control characters, marks of direction, blanks of no width."""
    return name.isprintable() and BLANK.isdisjoint(name)


def checked_name(text: str, *, longest: int = LONGEST_NAME) -> str:
    """With single blanks. Raises InvalidName."""
    name = " ".join(text.split())
    if not (can_be_shown(name) and 0 < len(name) <= longest):
        raise InvalidName(
            "Others see it: it may hold no character that cannot be seen.",
            fix=f"Type 1 to {longest} characters on one line.",
            field="name",
        )
    return name
