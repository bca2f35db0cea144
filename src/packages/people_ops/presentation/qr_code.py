"""A QR code as the outline of its dark modules."""

from dataclasses import dataclass
from itertools import groupby

LONGEST = 500  # characters; an address of an authenticator app is shorter
QUIET = 4  # modules around it that stay light


@dataclass(frozen=True, slots=True)
class QrCode:
    """``size`` in modules, the quiet ones around it too; ``path`` is SVG's."""

    size: int
    path: str


def qr_code(text: str) -> QrCode | None:
    """None for what is too long for one that a camera reads well."""
    if len(text) > LONGEST:
        return None
    import segno

    matrix = segno.make_qr(text, error="m").matrix
    return QrCode(len(matrix) + 2 * QUIET, "".join(_runs(matrix)))


def _runs(matrix: tuple[bytearray, ...]) -> list[str]:
    """One box for each row of dark modules side by side."""
    boxes = []
    for y, row in enumerate(matrix, start=QUIET):
        x = QUIET
        for is_dark, modules in groupby(row):
            width = len(list(modules))
            if is_dark:
                boxes.append(f"M{x} {y}h{width}v1h-{width}z")
            x += width
    return boxes
