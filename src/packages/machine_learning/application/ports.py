"""What this context needs from outside, in its own words."""

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from machine_learning.application.compare_algorithms import Compared


class Plots(Protocol):
    """Pictures of comparisons."""

    def check(self, path: Path, *, force: bool) -> None:
        """Refuse, before any work, what ``draw`` would refuse after it. Raises UnknownPlotFormat, PlotExists, Unwritable."""

    def draw(self, compared: Sequence[Compared], path: Path) -> None:
        """One precision-recall curve per measured algorithm, best first. Raises NothingToPlot, Unwritable."""
