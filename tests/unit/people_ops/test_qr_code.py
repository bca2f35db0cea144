"""QR codes as outlines."""

import re

import segno

from people_ops.presentation.qr_code import LONGEST, QUIET, qr_code

URI = "otpauth://totp/Anomaly%20Detection:ana%40acme.example?secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP&issuer=x"


def test_the_outline_has_the_dark_modules_and_no_other() -> None:
    code = qr_code(URI)
    assert code is not None
    matrix = segno.make_qr(URI, error="m").matrix
    boxes = [tuple(map(int, each)) for each in re.findall(r"M(\d+) (\d+)h(\d+)v1h-\d+z", code.path)]
    dark = {(x - QUIET + step, y - QUIET) for x, y, width in boxes for step in range(width)}
    assert dark == {(x, y) for y, row in enumerate(matrix) for x, module in enumerate(row) if module}
    assert code.size == len(matrix) + 2 * QUIET


def test_what_no_camera_would_read_is_no_code() -> None:
    assert qr_code("x" * (LONGEST + 1)) is None
