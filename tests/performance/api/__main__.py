"""The API beside what people would run in its place: make bench-api. All traffic stays on this machine."""

import argparse
import json
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from statistics import median

from tests.performance.api import mixed, servers
from tests.performance.api.load import Measured, Request, load
from tests.performance.speed.__main__ import write

JSON = ("Content-Type", "application/json")


@dataclass(frozen=True, slots=True)
class Row:
    """Ours and a peer's in turns; the target is a ratio of requests per second."""

    what: str
    clients: int
    ours: list[Measured]
    peer: list[Measured]
    target: str

    def cells(self) -> list[str]:
        rates = median(m.per_second for m in self.ours), median(m.per_second for m in self.peer)
        halves = median(m.percentile(0.5) for m in self.ours), median(m.percentile(0.5) for m in self.peer)
        late = median(m.percentile(0.99) for m in self.ours)
        return [
            self.what,
            str(self.clients),
            f"{rates[0]:,.0f}",
            f"{rates[1]:,.0f}",
            f"{rates[0] / rates[1]:.2f}",
            f"{1000 * halves[0]:.2f}",
            f"{1000 * halves[1]:.2f}",
            f"{halves[1] / halves[0]:.2f}",
            f"{1000 * late:.2f}",
            self.target,
        ]


HEADERS = (
    "what", "clients", "ours /s", "peer /s", "ratio", "ours p50 ms", "peer p50 ms", "ratio p50", "ours p99 ms", "target",
)  # fmt: skip


Turns = Callable[[tuple[str, Request], tuple[str, Request], int], tuple[list[Measured], list[Measured]]]


def in_turns(
    ours: tuple[str, Request], peer: tuple[str, Request], clients: int, *, rounds: int, seconds: float
) -> tuple[list[Measured], list[Measured]]:
    """Each warmed for a second first; then ``rounds`` loads of both, one after the other."""
    for url, request in (ours, peer):
        load(url, [request], clients=clients, seconds=1)
    found = [
        [load(url, [request], clients=clients, seconds=seconds) for url, request in (ours, peer)]
        for _ in range(rounds)
    ]
    failures = [status for pair in found for measured in pair for status in measured.failures]
    if failures:
        raise SystemExit(f"{len(failures)} requests failed, the first with {failures[0]}")
    return [a for a, _ in found], [b for _, b in found]


def rows(folder: Path, peers_python: str, in_turns: Turns) -> Iterator[Row]:
    data = servers.rows(folder)
    with servers.ours(folder) as ours:
        one = servers.records(data[:1])
        thousand = servers.records(data[:1000])
        body = {"data": one, "model": "bench"}
        explained = Request(
            "POST", "/api/v1/detect", (JSON, ours.authorization), encoded(body | {"explain": False})
        )
        many = Request(
            "POST",
            "/api/v1/detect",
            (JSON, ours.authorization),
            encoded({"data": thousand, "model": "bench", "explain": False}),
        )
        with servers.mlflow(folder, peers_python) as url:
            columns, values = list(one[0]), [list(one[0].values())]
            split = {"dataframe_split": {"columns": columns, "data": values}}
            peer = Request("POST", "/invocations", (JSON,), encoded(split))
            for clients in (1, 8):
                yield Row(
                    "1 row, MLflow models serve (scikit-learn)",
                    clients,
                    *in_turns((ours.url, explained), (url, peer), clients),
                    ">= 10 (both)",
                )
        with servers.bare("same_kernel", folder) as url:
            peer = Request("POST", "/detect", (JSON,), encoded({"data": one}))
            for clients in (1, 8):
                yield Row(
                    "1 row, bare FastAPI, same kernel",
                    clients,
                    *in_turns((ours.url, explained), (url, peer), clients),
                    ">= 0.6",
                )
        with servers.bare("scikit_learn", folder) as url:
            peer = Request("POST", "/detect", (JSON,), encoded({"data": thousand}))
            yield Row(
                "1000 rows, bare FastAPI, Pydantic, scikit-learn",
                1,
                *in_turns((ours.url, many), (url, peer), 1),
                ">= 4",
            )


def encoded(body: object) -> bytes:
    return json.dumps(body).encode()


def table(found: list[Row]) -> str:
    lines = ["| " + " | ".join(HEADERS) + " |", "|" + "---|" * len(HEADERS)]
    return "\n".join([*lines, *("| " + " | ".join(row.cells()) + " |" for row in found)])


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--output", type=Path, default=Path("docs/benchmarks"))
    parser.add_argument("--peers", default=sys.executable, help="a Python that has MLflow")
    parser.add_argument("--parts", default="requests,mixed")
    parser.add_argument("--seconds", type=float, default=60, help="of the mixed load")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--per-load", type=float, default=4, help="seconds of each load in turn")
    options = parser.parse_args()
    parts, bodies = options.parts.split(","), []
    options.output.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as name:
        if "requests" in parts:
            found = []
            turns = partial(in_turns, rounds=options.rounds, seconds=options.per_load)
            for row in rows(Path(name), options.peers, turns):
                print(" | ".join(row.cells()), file=sys.stderr)
                found.append(row)
            bodies.append(
                "One server process of each, the same table of 20 columns, signed in with an API key on our side. "
                f"Medians of {options.rounds} loads of {options.per_load:g} s in turns; clients send the next request when the one before "
                f"is answered.\n\n{table(found)}"
            )
        if "mixed" in parts:
            bodies.append(mixed.measured(Path(name) / "mixed", seconds=options.seconds))
    write(options.output / "speed-api.md", "The API under load", "\n\n".join(bodies), target="bench-api")
    return 0


if __name__ == "__main__":
    sys.exit(main())
