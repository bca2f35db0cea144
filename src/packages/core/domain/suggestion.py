"""The names somebody may have meant."""

from collections.abc import Iterable
from difflib import get_close_matches


def nearest(name: str, known: Iterable[str], *, most: int = 3) -> tuple[str, ...]:
    """Up to ``most`` of the known names that resemble ``name``, the most alike first; capitals do not matter."""
    by_folded = {k.casefold(): k for k in known}
    return tuple(by_folded[m] for m in get_close_matches(name.casefold(), by_folded, n=most, cutoff=0.5))


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """``Did you mean 'a' or 'b'?``, or all the known names where none resembles it and they are few."""
    names = tuple(known)
    close = nearest(name, names)
    if close:
        return "Did you mean " + " or ".join(map(repr, close)) + "?"
    return "Known: " + ", ".join(names[:30]) + ("." if len(names) <= 30 else ", ...")
