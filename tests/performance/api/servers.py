"""The servers that are measured, each a process of its own on loopback."""

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import numpy as np
import polars as pl
from numpy.typing import NDArray

from tests.support.command_line import ROOT, environment

COLUMNS = [f"x{i}" for i in range(20)]
LIMITLESS = {
    "ANOMALY_DETECTION_API_KEY_REQUESTS_PER_MINUTE": "1000000000",
    "ANOMALY_DETECTION_LOG_LEVEL": "WARNING",
    "ANOMALY_DETECTION_COMPUTE_THREADS": "1",
}
QUOTAS = ("requests_per_minute", "rows_scored_per_day", "rows_stored", "models", "concurrent_jobs")
MLFLOW_MODEL = """
import sys, numpy as np, pandas as pd, mlflow.sklearn
from sklearn.ensemble import IsolationForest
x = np.load(sys.argv[1])["x"]
frame = pd.DataFrame(x, columns=[f"x{i}" for i in range(x.shape[1])])
mlflow.sklearn.save_model(IsolationForest(random_state=0).fit(frame), sys.argv[2], serialization_format="cloudpickle")
"""


@dataclass(frozen=True, slots=True)
class Ours:
    url: str
    key: str
    process: subprocess.Popen[bytes]

    @property
    def authorization(self) -> tuple[str, str]:
        return ("Authorization", f"Bearer {self.key}")

    def call(self, method: str, path: str, **more: object) -> httpx.Response:
        headers = dict([self.authorization]) | dict(more.pop("headers", {}))  # type: ignore[call-overload]  # a mapping
        answer = httpx.request(method, f"{self.url}/api/v1{path}", headers=headers, timeout=60, **more)  # type: ignore[arg-type]
        answer.raise_for_status()
        return answer


def rows(folder: Path) -> NDArray[np.float64]:
    """20,000 rows of 20 columns with some outliers; also stored for the peers."""
    random = np.random.default_rng(0)
    x = random.normal(size=(20_000, len(COLUMNS)))
    x[::100] *= 6
    np.savez(folder / "rows.npz", x=x)
    return x


def records(x: NDArray[np.float64]) -> list[dict[str, float]]:
    return [dict(zip(COLUMNS, row, strict=True)) for row in np.round(x, 4).tolist()]


def free_port() -> int:
    with closing(socket.create_server(("127.0.0.1", 0))) as taken:
        port: int = taken.getsockname()[1]
        return port


@contextmanager
def running(
    command: list[str], url: str | None, variables: Mapping[str, str], log: Path
) -> Iterator[subprocess.Popen[bytes]]:
    """The process, once ``url`` answers at all (None: at once); ended afterwards."""
    with log.open("wb") as out:
        process = subprocess.Popen(command, env=environment(variables), cwd=ROOT, stdout=out, stderr=out)
    try:
        for _ in range(600 if url else 0):
            if process.poll() is not None:
                raise RuntimeError(log.read_text()[-3000:])
            try:
                httpx.get(str(url), timeout=2)
                break
            except httpx.HTTPError:
                time.sleep(0.1)
        yield process
    finally:
        process.terminate()
        process.wait(30)


def command(variables: Mapping[str, str], *arguments: str) -> str:
    """What one of our commands printed."""
    done = subprocess.run(
        [sys.executable, "-m", "interfaces.bootstrap.cli", *arguments],
        env=environment(variables),
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    if done.returncode:
        raise RuntimeError(done.stderr)
    return done.stdout


@contextmanager
def ours(folder: Path, *options: str, variables: Mapping[str, str] | None = None) -> Iterator[Ours]:
    """Our server with a tenant without limits, its key, and a model ``bench`` of an isolation forest."""
    given = {"ANOMALY_DETECTION_DATA_DIR": str(folder / "var"), **LIMITLESS, **(variables or {})}
    command(given, "tenant", "create", "bench", "--plan", "enterprise")
    limits = [word for quota in QUOTAS for word in ("--set", f"{quota}=unlimited")]
    command(given, "tenant", "quota", "bench", *limits)
    made = command(
        given,
        "key",
        "create",
        "-t",
        "bench",
        "--name",
        "bench",
        "--scope",
        "ingest,read,label,manage",
        "-o",
        "json",
    )
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    serve = [sys.executable, "-m", "interfaces.bootstrap.cli", "serve", "--port", str(port), *options]
    with running(serve, f"{url}/livez", given, folder / "ours.log") as process:
        server = Ours(url, json.loads(made)["key"], process)
        train(server, folder)
        yield server


def train(server: Ours, folder: Path) -> None:
    """The peers' rows as a dataset, and the model; its file is kept for the bare application."""
    with np.load(folder / "rows.npz") as stored:
        frame = pl.DataFrame(stored["x"], schema=COLUMNS)
    frame.write_parquet(folder / "rows.parquet")
    content = (folder / "rows.parquet").read_bytes()
    server.call("POST", "/datasets", json={"name": "rows"})
    parquet = {"Content-Type": "application/vnd.apache.parquet"}
    server.call("POST", "/datasets/rows/versions", content=content, headers=parquet)
    started = server.call(
        "POST", "/train", json={"dataset": "rows", "name": "bench", "algorithm": "isolation_forest"}
    )
    run = started.headers["Location"].removeprefix("/api/v1")
    for _ in range(600):
        state = server.call("GET", run).json()["state"]
        if state == "succeeded":
            break
        if state == "failed":
            raise RuntimeError("The training failed.")
        time.sleep(0.1)
    file = server.call("GET", "/models/bench/versions/1/file")
    (folder / "bench.model").write_bytes(file.content)


@contextmanager
def bare(name: str, folder: Path) -> Iterator[str]:
    port = free_port()
    variables = {"BENCH_MODEL": str(folder / "bench.model"), "BENCH_ROWS": str(folder / "rows.npz")}
    variables |= {"PYTHONPATH": f"{ROOT / 'src' / 'packages'}{os.pathsep}{ROOT}"}
    app = f"tests.performance.api.bare_apps:{name}"
    serve = [sys.executable, "-m", "uvicorn", "--factory", app, "--port", str(port), "--log-level", "warning"]
    with running(serve, f"http://127.0.0.1:{port}/", variables, folder / f"{name}.log"):
        yield f"http://127.0.0.1:{port}"


@contextmanager
def mlflow(folder: Path, python: str) -> Iterator[str]:
    """``mlflow models serve`` of scikit-learn's isolation forest, one worker."""
    model = folder / "mlflow_model"
    if not model.exists():
        subprocess.run(
            [python, "-c", MLFLOW_MODEL, folder / "rows.npz", model], check=True, capture_output=True
        )
    port = free_port()
    serve = [
        python,
        "-m",
        "mlflow",
        "models",
        "serve",
        "-m",
        str(model),
        "-p",
        str(port),
        "--env-manager",
        "local",
    ]
    url = f"http://127.0.0.1:{port}"
    path = f"{Path(python).parent}{os.pathsep}{os.environ['PATH']}"
    with running(serve, f"{url}/ping", {"PATH": path}, folder / "mlflow.log"):
        yield url
