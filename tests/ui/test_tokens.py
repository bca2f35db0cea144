"""The colours: R06 and R09, by their numbers in the style sheet."""

import re
from itertools import pairwise

import numpy as np
import pytest
from numpy.typing import NDArray

from interfaces.presentation.assets import FOLDER

Colour = NDArray[np.float64]
CSS = (FOLDER / "app.css").read_text()
# Machado, Oliveira, Fernandes 2009, severity 1.0; on linear RGB.
DEFICIENCIES = {
    "protan": [
        [0.152286, 1.052583, -0.204868],
        [0.114503, 0.786281, 0.099216],
        [-0.003882, -0.048116, 1.051998],
    ],
    "deutan": [
        [0.367322, 0.860646, -0.227968],
        [0.280085, 0.672501, 0.047413],
        [-0.011820, 0.042940, 0.968881],
    ],
    "tritan": [
        [1.255528, -0.076749, -0.178779],
        [-0.078411, 0.930809, 0.147602],
        [0.004733, 0.691367, 0.303900],
    ],
    "grey": [[0.2126, 0.7152, 0.0722]] * 3,
}
TO_XYZ = np.array(
    [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750], [0.0193339, 0.1191920, 0.9503041]]
)
WHITE = np.array([0.95047, 1.0, 1.08883])


def tokens(theme: str) -> dict[str, str]:
    """Hex colours by name."""
    start = (
        CSS.index('[data-theme="dark"]' if '[data-theme="dark"]' in CSS else "[data-theme=dark]")
        if theme == "dark"
        else 0
    )
    block = CSS[start : CSS.index("}", CSS.index("--sev-0", start))]
    return dict(re.findall(r"--([\w-]+):\s*(#[0-9A-Fa-f]{6})\b", block))


def linear(colour: str) -> Colour:
    rgb = np.array([int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)])
    return np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)


def luminance(colour: str) -> float:
    return float(linear(colour) @ [0.2126, 0.7152, 0.0722])


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def lab(rgb: Colour) -> Colour:
    ratio = (TO_XYZ @ np.clip(rgb, 0, 1)) / WHITE
    f = np.where(ratio > 216 / 24389, np.cbrt(ratio), (24389 / 27 * ratio + 16) / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


def difference(one: Colour, other: Colour) -> float:
    """CIEDE2000 (Sharma, Wu, Dalal 2005)."""
    (l1, a1, b1), (l2, a2, b2) = one, other
    mean = (np.hypot(a1, b1) + np.hypot(a2, b2)) / 2
    g = 0.5 * (1 - np.sqrt(mean**7 / (mean**7 + 25.0**7)))
    c1, c2 = np.hypot(a1 * (1 + g), b1), np.hypot(a2 * (1 + g), b2)
    h1 = np.degrees(np.arctan2(b1, a1 * (1 + g))) % 360
    h2 = np.degrees(np.arctan2(b2, a2 * (1 + g))) % 360
    turn = (h2 - h1 + 180) % 360 - 180 if c1 * c2 else 0.0
    dl, dc, dh = l2 - l1, c2 - c1, 2 * np.sqrt(c1 * c2) * np.sin(np.radians(turn) / 2)
    lm, cm = (l1 + l2) / 2, (c1 + c2) / 2
    hm = (h1 + turn / 2) % 360 if c1 * c2 else h1 + h2
    t = (
        1
        - 0.17 * np.cos(np.radians(hm - 30))
        + 0.24 * np.cos(np.radians(2 * hm))
        + 0.32 * np.cos(np.radians(3 * hm + 6))
        - 0.2 * np.cos(np.radians(4 * hm - 63))
    )
    sl = 1 + 0.015 * (lm - 50) ** 2 / np.sqrt(20 + (lm - 50) ** 2)
    sc, sh = 1 + 0.045 * cm, 1 + 0.015 * cm * t
    rt = -np.sin(np.radians(60 * np.exp(-(((hm - 275) / 25) ** 2)))) * 2 * np.sqrt(cm**7 / (cm**7 + 25.0**7))
    return float(np.sqrt((dl / sl) ** 2 + (dc / sc) ** 2 + (dh / sh) ** 2 + rt * (dc / sc) * (dh / sh)))


def test_the_measure_of_differences_gives_the_published_value() -> None:
    one, other = np.array([50.0, 2.6772, -79.7751]), np.array([50.0, 0.0, -82.7485])
    assert difference(one, other) == pytest.approx(2.0425, abs=1e-4)  # the first pair of the paper's table


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_r06_text_and_controls_stand_out(theme: str) -> None:
    of = tokens(theme)
    on_page = {name: contrast(of[name], of["bg"]) for name in ("text", "muted", "link", "ok", "warn", "err")}
    on_surface = {name: contrast(of[name], of["surface"]) for name in ("text", "muted", "link")}
    on_badges = {n: contrast(of[f"sev-{n}-on"], of[f"sev-{n}"]) for n in range(1, 5)}
    edges = {
        name: contrast(of[name], of["bg"])
        for name in ("line-ctl", "focus", *(f"sev-{n}-edge" for n in (1, 2, 3, 4)))
    }
    assert min(on_page.values()) >= 4.5, on_page
    assert min(on_surface.values()) >= 4.5, on_surface
    assert min(on_badges.values()) >= 4.5, on_badges
    assert min(edges.values()) >= 3.0, edges


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_r09_the_severity_ramp_is_monotone_and_told_apart_by_everybody(theme: str) -> None:
    ramp = [linear(tokens(theme)[f"sev-{n}"]) for n in range(5)]
    lightness = [float(lab(colour)[0]) for colour in ramp]
    steps = [after - before for before, after in pairwise(lightness)]
    assert all(step < 0 for step in steps) or all(step > 0 for step in steps), lightness
    for name, matrix in DEFICIENCIES.items():
        seen = [lab(np.array(matrix) @ colour) for colour in ramp[1:]]
        nearest = min(difference(one, other) for one, other in pairwise(seen))
        assert nearest >= 12, (name, nearest)
