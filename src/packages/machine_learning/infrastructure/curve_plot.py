"""Precision-recall curves as a picture."""

from collections.abc import Sequence
from pathlib import Path

from core.domain.errors import Conflict, Invalid, InvalidOption, Unwritable
from machine_learning.application.compare_algorithms import Compared

ENDINGS = (".png", ".svg", ".pdf")


class UnknownPlotFormat(InvalidOption):
    title = "No such picture format"


class PlotExists(Conflict):
    title = "A file is in the picture's place"


class NothingToPlot(Invalid):
    title = "No algorithm could be measured"


class MatplotlibPlots:
    """The port ``Plots``."""

    def check(self, path: Path, *, force: bool) -> None:
        if path.suffix.lower() not in ENDINGS:
            raise UnknownPlotFormat(f"{path} is no picture.", fix=f"End it with {', '.join(ENDINGS)}.")
        if not path.parent.is_dir():
            raise Unwritable(f"The folder {path.parent} does not exist.", fix="Create it, or name another.")
        if path.exists() and not force:
            raise PlotExists(f"{path} exists.", fix="Choose another name, or replace it with --force.")

    def draw(self, compared: Sequence[Compared], path: Path) -> None:
        from matplotlib.figure import Figure  # slow to import, and most comparisons draw nothing

        figure = Figure(figsize=(8, 6), layout="constrained")
        axes = figure.subplots()
        for one in compared:
            if one.curve is None or one.evaluation is None:
                continue
            value = one.evaluation.average_precision.value
            axes.step(
                one.curve.recall, one.curve.precision, where="post", label=f"{one.algorithm} (AP {value:.3f})"
            )
        if not axes.lines:
            raise NothingToPlot(
                "No algorithm could be fitted, so there is no curve.", fix="Read their refusals."
            )
        axes.set(
            xlabel="Recall", ylabel="Precision", xlim=(0, 1.01), ylim=(0, 1.05), title="Precision over recall"
        )
        axes.grid(alpha=0.3)
        axes.legend()
        try:
            figure.savefig(path, dpi=150)
        except OSError as error:
            raise Unwritable(
                f"The plot cannot be written to {path}: {error.strerror}.", fix="Choose another folder."
            ) from None
