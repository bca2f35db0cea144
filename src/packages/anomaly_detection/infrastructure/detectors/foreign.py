"""Errors of libraries, in our words."""

from core.domain.errors import InvalidOption


class MissingExtra(InvalidOption):
    title = "An optional part is not installed"


EXTRAS = {"torch": "deep"}


def missing_extra(what: str, error: ImportError) -> MissingExtra:
    """The error to raise for a library that ``what`` needs and that could not be imported."""
    name = (error.name or str(error)).partition(".")[0]
    fix = f"pip install 'anomaly_detection[{EXTRAS[name]}]'" if name in EXTRAS else f"pip install {name}"
    return MissingExtra(
        f"{what} needs {name}, which is not installed.", fix=f"Install it: {fix}", library=name
    )


def sentence(error: Exception) -> str:
    """The first line of what a library says, ended as a sentence."""
    words = str(error).strip().partition("\n")[0].rstrip(".:") or type(error).__name__
    return f"{words}."
