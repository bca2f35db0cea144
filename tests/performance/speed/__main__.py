"""Speed and memory beside the peers: make bench."""

import argparse
import os
import platform
import sys
import tempfile
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path
from typing import TypeVar

from tests.performance.speed import commands, kernels
from tests.performance.speed.timing import Row, table

T = TypeVar("T")
PEERS = ("scikit-learn", "pyod", "coniferest", "isotree", "numba", "numpy", "faiss-cpu")
CLOCKS = (
    "Medians, ours and the peer's in turns on the same rows: processor time where one thread works, elapsed time where "
    "two do."
)
PARTS = {
    "forest_scoring": kernels.forest_scoring,
    "forest_fitting": kernels.forest_fitting,
    "one_row": kernels.one_row,
    "statistics": kernels.statistics,
    "neighbours": kernels.neighbours,
    "automatic": kernels.automatic,
}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--output", type=Path, default=Path("docs/benchmarks"))
    parser.add_argument("--parts", default=",".join([*PARTS, "commands"]), help="only these")
    parser.add_argument("--most-rows", type=int, default=50_000_000, help="of the Parquet files scored")
    options = parser.parse_args()
    parts = options.parts.split(",")
    options.output.mkdir(parents=True, exist_ok=True)
    if rows := list(measured([part for part in parts if part in PARTS])):
        body = f"{CLOCKS}\n\n{table(rows)}"
        write(options.output / "speed-detectors.md", "Detectors beside the libraries' own", body)
    if "commands" in parts:
        with tempfile.TemporaryDirectory() as folder:
            found = list(progress(commands.measured(Path(folder), most_rows=options.most_rows)))
        write(
            options.output / "speed-commands.md",
            "Whole commands: time and peak memory",
            commands.table(found),
        )
    return 0


def measured(parts: list[str]) -> Iterator[Row]:
    for part in parts:
        yield from progress(PARTS[part]())


def progress(rows: Iterator[T]) -> Iterator[T]:
    for row in rows:
        print(row, file=sys.stderr)
        yield row


def write(path: Path, title: str, body: str, *, target: str = "bench") -> None:
    """``target``: of make."""
    machine = f"{platform.machine()}, {os.cpu_count()} cores (load {os.getloadavg()[2]:.1f}), Python {platform.python_version()}"
    libraries = ", ".join(f"{name} {version(name)}" for name in PEERS)
    path.write_text(f"# {title}\n\nWritten by `make {target}` on {machine}; {libraries}.\n\n{body}\n")
    print(path.read_text())


if __name__ == "__main__":
    sys.exit(main())
