"""The standard streams as they come: closed, piped, in another encoding, with or without colour."""

import io
import os
import sys
from typing import TextIO


def open_closed_streams() -> None:
    """Put nothing behind descriptors 0 to 2 where the caller closed them, so that no file of ours takes their number.

    ``sys.stdin``, ``sys.stdout`` and ``sys.stderr`` stay None there: reading and writing can still tell.
    """
    for descriptor in range(3):
        try:
            os.fstat(descriptor)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # takes the lowest free number, which is this one


def write_any_text() -> None:
    """Let standard output and error write every character: escaped where their encoding lacks it."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def forget_output() -> None:
    """Send what is still buffered for standard output nowhere: its reader has gone."""
    if sys.stdout is not None:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)


def is_terminal(stream: TextIO | None) -> bool:
    return stream is not None and not stream.closed and stream.isatty()


def in_colour(stream: TextIO | None, *, wanted: bool = True) -> bool:
    """Whether to colour what goes to this stream: NO_COLOR, TERM=dumb, FORCE_COLOR, then whether it is a terminal."""
    if not wanted or os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb":
        return False
    return os.environ.get("FORCE_COLOR", "0") not in ("", "0") or is_terminal(stream)


def printable(text: str) -> str:
    """The text on one line, with control characters written as escapes: content must not steer a terminal."""
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in text)
