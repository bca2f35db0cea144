"""Detection quality on labelled tables: make bench-quality DATA=folder."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import average_precision_score, roc_auc_score

from tests.performance.quality.contenders import Contender, ours, pyod, timed
from tests.performance.quality.tables import LabelledTable, labelled_tables

RESAMPLES = 10_000
MAIN_SUITE = "adbench"
SLOW_SECONDS = 5  # worth a word while it runs


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", default="")
    parser.add_argument("--output", type=Path, default=Path("docs/benchmarks"))
    parser.add_argument(
        "--only", default="", help="names of our algorithms, separated by commas; no PyOD then"
    )
    options = parser.parse_args()
    if not options.data or not Path(options.data).is_dir():
        print("No labelled data given: make bench-quality DATA=folder with tabular/<suite>/*.npz in it.")
        return 2
    only = tuple(filter(None, options.only.split(",")))
    contenders = [*ours(only), *([] if only else pyod())]
    tables = list(labelled_tables(Path(options.data)))
    measured = measure(contenders, tables)
    report = render(contenders, tables, measured)
    print(report)
    if not only:
        options.output.mkdir(parents=True, exist_ok=True)
        (options.output / "quality-tabular.md").write_text(report)
    return 0


def measure(contenders: Sequence[Contender], tables: Sequence[LabelledTable]) -> NDArray[np.float64]:
    """Shape (contenders, tables, 3): AUROC, average precision, seconds.

    NaN where a contender refused, and on the other suites for all but ``auto``.
    """
    found = np.full((len(contenders), len(tables), 3), np.nan)
    for j, table in enumerate(tables):
        for i, contender in enumerate(contenders):
            if table.suite != MAIN_SUITE and contender.name != "auto":
                continue
            try:
                scores, seconds = timed(contender, table)
            except ValueError as refusal:
                print(f"{contender.name} refuses {table.name}: {refusal}", file=sys.stderr)
                continue
            if seconds > SLOW_SECONDS:
                print(f"{contender.name} on {table.name}: {seconds:.0f} s", file=sys.stderr)
            if np.isfinite(scores).all():
                found[i, j] = (
                    roc_auc_score(table.labels, scores),
                    average_precision_score(table.labels, scores),
                    seconds,
                )
        print(f"{table.name} done", file=sys.stderr)
    return found


def render(
    contenders: Sequence[Contender], tables: Sequence[LabelledTable], measured: NDArray[np.float64]
) -> str:
    main = np.array([table.suite == MAIN_SUITE for table in tables])
    means = np.nanmean(measured[:, main], axis=1)
    order = np.argsort(-means[:, 0])
    complete = [bool(np.isfinite(scored).all()) for scored in measured[:, main, 0]]
    best_peer = max(
        (i for i, c in enumerate(contenders) if c.name.startswith("PyOD") and complete[i]),
        key=lambda i: means[i, 0],
        default=None,
    )
    lines = [
        "# Detection quality on tables",
        "",
        f"Mean over {main.sum()} labelled tables (suite {MAIN_SUITE}), fitted and scored on the same rows without "
        "labels, one setting for all; seed 0. Written by `make bench-quality`.",
        "",
        "| detector | AUROC | average precision | tables | seconds in all |",
        "|---|---|---|---|---|",
    ]
    for i in order:
        scored = int(np.isfinite(measured[i, main, 0]).sum())
        seconds = np.nansum(measured[i, main, 2])
        lines.append(
            f"| {contenders[i].name} | {means[i, 0]:.3f} | {means[i, 1]:.3f} | {scored} | {seconds:.1f} |"
        )
    if best_peer is not None:
        lines += ["", versus(contenders, measured[:, main], best_peer)]
    lines += [
        "",
        "## `auto`, table by table",
        "",
        "| suite | table | rows | anomalies | AUROC | average precision |",
        "|---|---|---|---|---|---|",
    ]
    auto = next((i for i, c in enumerate(contenders) if c.name == "auto"), 0)
    for j, table in enumerate(tables):
        auroc, ap = measured[auto, j, :2]
        lines.append(
            f"| {table.suite} | {table.name} | {len(table.labels):,} | {table.labels.mean():.2%} | {auroc:.3f} | {ap:.3f} |"
        )
    return "\n".join(lines) + "\n"


def versus(contenders: Sequence[Contender], measured: NDArray[np.float64], peer: int) -> str:
    """``auto`` against the best peer: mean differences with paired bootstrap intervals over tables."""
    auto = next((i for i, c in enumerate(contenders) if c.name == "auto"), None)
    if auto is None:
        return ""
    difference = measured[auto, :, :2] - measured[peer, :, :2]
    difference = difference[np.isfinite(difference).all(axis=1)]
    drawn = np.random.default_rng(0).integers(0, len(difference), (RESAMPLES, len(difference)))
    low, high = np.quantile(difference[drawn].mean(axis=1), [0.025, 0.975], axis=0)
    mean = difference.mean(axis=0)
    return (
        f"`auto` against {contenders[peer].name}: AUROC {mean[0]:+.3f} [{low[0]:+.3f}, {high[0]:+.3f}], average precision "
        f"{mean[1]:+.3f} [{low[1]:+.3f}, {high[1]:+.3f}] (95 % paired bootstrap over tables)."
    )


if __name__ == "__main__":
    sys.exit(main())
