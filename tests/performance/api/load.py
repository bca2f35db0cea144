"""A closed-loop HTTP client on raw sockets: light enough that it is not what is measured."""

import asyncio
import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from time import perf_counter
from urllib.parse import urlsplit


@dataclass(frozen=True, slots=True)
class Request:
    method: str
    path: str
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""

    def wire(self, host: str) -> bytes:
        head = [f"{self.method} {self.path} HTTP/1.1", f"Host: {host}", f"Content-Length: {len(self.body)}"]
        head += [f"{name}: {value}" for name, value in self.headers]
        return ("\r\n".join(head) + "\r\n\r\n").encode() + self.body


@dataclass(frozen=True, slots=True)
class Measured:
    """What a load gave: answers with another status than 2xx count as failures."""

    seconds: float
    latencies: Sequence[float]
    failures: Sequence[int]

    @property
    def per_second(self) -> float:
        return len(self.latencies) / self.seconds

    def percentile(self, share: float) -> float:
        """Seconds within which that share of the requests was answered."""
        return statistics.quantiles(self.latencies, n=1000, method="inclusive")[
            max(0, round(share * 1000) - 1)
        ]


async def _answer(reader: asyncio.StreamReader) -> int:
    """Read one answer whole; its status."""
    head = await reader.readuntil(b"\r\n\r\n")
    status = int(head[9:12])
    lines = head.lower().split(b"\r\n")
    if b"transfer-encoding: chunked" in lines:
        while size := int(await reader.readline(), 16):
            await reader.readexactly(size + 2)
        await reader.readexactly(2)
        return status
    for line in lines:
        if line.startswith(b"content-length:"):
            await reader.readexactly(int(line[15:]))
    return status


async def _client(
    address: tuple[str, int], turns: Sequence[bytes], until: float, first: int
) -> tuple[list[float], list[int]]:
    """Send the requests in turn over one connection until the time is up."""
    reader, writer = await asyncio.open_connection(*address)
    latencies: list[float] = []
    failures: list[int] = []
    turn = first
    while perf_counter() < until:
        start = perf_counter()
        writer.write(turns[turn % len(turns)])
        status = await _answer(reader)
        latencies.append(perf_counter() - start)
        if not 200 <= status < 300:
            failures.append(status)
        turn += 1
    writer.close()
    return latencies, failures


async def _load(url: str, requests: Sequence[Request], clients: int, seconds: float) -> Measured:
    parts = urlsplit(url)
    address = (parts.hostname or "", parts.port or 80)
    turns = [request.wire(parts.netloc) for request in requests]
    start = perf_counter()
    found = await asyncio.gather(*(_client(address, turns, start + seconds, i) for i in range(clients)))
    taken = perf_counter() - start
    return Measured(taken, [x for got, _ in found for x in got], [x for _, bad in found for x in bad])


def load(url: str, requests: Sequence[Request], *, clients: int, seconds: float) -> Measured:
    """``clients`` connections that send one request after another, each as soon as the one before is answered."""
    return asyncio.run(_load(url, requests, clients, seconds))
