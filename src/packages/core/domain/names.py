"""What people may call things: one rule for all names."""

import re

from core.domain.errors import Invalid

LONGEST_NAME = 200
# Letters and signs of no ink; what is no letter, such as marks of direction, is not printable anyway.
BLANK = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")

# Persian words and pictures of several people are written with them; nowhere else do they show.
JOINERS = re.compile(r"(?<=[^\x00-\x7f])[\u200c\u200d](?=[^\x00-\x7f])")


class InvalidName(Invalid):
    title = "That is no name we can show"


def single_blanks(text: str) -> str:
    """Also where it has line breaks, tabs, or blanks that do not break."""
    return " ".join(text.split())


def can_be_shown(name: str) -> bool:
    """On one line, each character to be seen: no control characters, marks of direction, blanks of no width."""
    return JOINERS.sub("", name).isprintable() and BLANK.isdisjoint(name)


def checked_name(text: str, *, longest: int = LONGEST_NAME) -> str:
    """With single blanks. Raises InvalidName."""
    name = single_blanks(text)
    if not (can_be_shown(name) and 0 < len(name) <= longest):
        raise InvalidName(
            f"A name has 1 to {longest} characters on one line, and each can be seen.",
            fix="Type another.",
            field="name",
        )
    return name
