"""How long pages take with 100,000 anomalies on PostgreSQL, at the server and in a browser: make bench-ui."""

import argparse
import gzip
import json
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median, quantiles

import httpx
import numpy as np
import polars as pl
from playwright.sync_api import Browser, sync_playwright

from tests.performance.api import mixed, servers
from tests.performance.speed.__main__ import write
from tests.support.web import OPTIONS, chromium_path

ROWS, ANOMALIES = 200_000, 100_000
ROUNDS = 40
LOADS = 5
FULL_MS, FRAGMENT_MS = 300, 150
# The budget of the design: processor four times slower, 10 Mbit/s, 40 ms there and back, nothing cached.
SLOWER, BITS, ROUND_TRIP_MS = 4, 10_000_000, 40
TARGETS = {"FCP s": 1.0, "LCP s": 1.8, "CLS": 0.02, "TBT ms": 100}
OBSERVE = """
window.seen = {lcp: 0, cls: 0, tasks: []};
new PerformanceObserver(list => { for (const e of list.getEntries()) seen.lcp = e.startTime; }).observe({type: 'largest-contentful-paint', buffered: true});
new PerformanceObserver(list => { for (const e of list.getEntries()) if (!e.hadRecentInput) seen.cls += e.value; }).observe({type: 'layout-shift', buffered: true});
new PerformanceObserver(list => { for (const e of list.getEntries()) seen.tasks.push([e.startTime, e.duration]); }).observe({type: 'longtask', buffered: true});
"""


@dataclass(frozen=True, slots=True)
class Served:
    url: str
    cookie: dict[str, str]
    run: str


@contextmanager
def site(folder: Path) -> Iterator[Served]:
    """Two server processes and a worker on PostgreSQL and Redis, with the demo and the large run."""
    with tempfile.TemporaryDirectory(prefix="pg") as short, mixed.surroundings(Path(short)) as given:
        variables = {**servers.LIMITLESS, **given}
        servers.command(variables, "db", "migrate")
        worker = [sys.executable, "-m", "interfaces.bootstrap.cli", "worker"]
        port = servers.free_port()
        url = f"http://127.0.0.1:{port}"
        serve = [
            sys.executable,
            "-m",
            "interfaces.bootstrap.cli",
            "serve",
            "--port",
            str(port),
            "--workers",
            "2",
        ]
        with servers.running(worker, None, variables, folder / "worker.log"):
            access = json.loads(servers.command(variables, "demo", "load", "-o", "json"))
            with servers.running(serve, f"{url}/livez", variables, folder / "serve.log"):
                run = large_run(url, access["api_key"])
                yield Served(url, signed_in(url, access["password"]), run)


def large_run(url: str, key: str) -> str:
    """Its id; half of its rows are flagged."""
    random = np.random.default_rng(0)
    table = pl.DataFrame(
        {f"x{i}": np.round(random.normal(size=ROWS), 4) for i in range(6)}
        | {"shop": random.choice(["north", "south", "east", "west"], ROWS)}
    )
    headers = {"Authorization": f"Bearer {key}"}
    with httpx.Client(base_url=f"{url}/api/v1", headers=headers, timeout=120) as api:
        api.post("/datasets", json={"name": "Large"}).raise_for_status()
        upload = table.write_csv().encode()
        api.post(
            "/datasets/large/versions", content=upload, headers={"Content-Type": "text/csv"}
        ).raise_for_status()
        body = {"dataset": "large", "algorithm": "isolation_forest", "contamination": 0.5}
        deadline = time.monotonic() + 300
        while (started := api.post("/runs", json=body)).status_code in (
            404,
            409,
        ) and time.monotonic() < deadline:
            time.sleep(0.5)  # until the rows are read
        started.raise_for_status()
        run: str = started.json()["id"]
        while (found := api.get(f"/runs/{run}").json())["state"] not in ("succeeded", "failed"):
            time.sleep(0.5)
        assert found["state"] == "succeeded", found
        return run


def signed_in(url: str, password: str) -> dict[str, str]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium_path(), args=OPTIONS)
        page = browser.new_page(base_url=url)
        page.goto("/login")
        page.fill("[name=email]", "ana@demo.example")
        page.fill("[name=password]", password)
        page.click("main button")
        page.wait_for_url("**/t/**")
        [cookie] = [each for each in page.context.cookies() if each["name"] == "__Host-anom"]
        browser.close()
    return {"name": cookie["name"], "value": cookie["value"]}


def addresses(run: str) -> dict[str, tuple[str, str]]:
    """Paths, and the element that htmx would swap; empty: the whole page."""
    result = f"/t/demo/runs/{run}"
    return {
        "Overview": ("/t/demo/", ""),
        "Datasets": ("/t/demo/datasets", ""),
        "Dataset": ("/t/demo/datasets/large", ""),
        "Rows of a dataset": ("/t/demo/datasets/large/rows", ""),
        "Runs": ("/t/demo/runs", ""),
        "Run result": (result, ""),
        "Run result, filtered": (f"{result}?min_score=90&sort=-score", ""),
        "Run result: rows": (f"{result}?min_score=90", "rows"),
        "Run result: answer": (f"{result}?min_score=95", "answer"),
        "Models": ("/t/demo/models", ""),
        "Labels": ("/t/demo/labels", ""),
        "Settings": ("/t/demo/settings", ""),
    }


def at_the_server(at: Served) -> list[list[str]]:
    rows = []
    with httpx.Client(
        base_url=at.url, timeout=60, headers={"Cookie": f"{at.cookie['name']}={at.cookie['value']}"}
    ) as client:
        for name, (path, block) in addresses(at.run).items():
            headers = {"Accept": "text/html"} | ({"HX-Request": "true", "HX-Target": block} if block else {})
            times, size = [], 0
            for _ in range(ROUNDS + 2):
                start = time.perf_counter()
                answer = client.get(path, headers=headers)
                times.append(1000 * (time.perf_counter() - start))
                answer.raise_for_status()
                size = len(gzip.compress(answer.content))
            cut = quantiles(times[2:], n=20)
            target = FRAGMENT_MS if block else FULL_MS
            rows.append(
                [
                    name,
                    "fragment" if block else "page",
                    f"{cut[9]:.0f}",
                    f"{cut[18]:.0f}",
                    f"<= {target}",
                    f"{size / 1000:.1f}",
                ]
            )
            print(" | ".join(rows[-1]), file=sys.stderr)
    return rows


def in_a_browser(at: Served) -> list[list[str]]:
    """The median of several loads, each in a context of its own."""
    rows = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium_path(), args=OPTIONS)
        for name in ("Overview", "Datasets", "Run result"):
            loads = [one_load(browser, at, addresses(at.run)[name][0]) for _ in range(LOADS)]
            found = [median(load[key] for load in loads) for key in TARGETS]
            cells = (
                f"{value:.3g} (<= {limit:g})" for value, limit in zip(found, TARGETS.values(), strict=True)
            )
            rows.append([name, *cells])
            print(" | ".join(rows[-1]), file=sys.stderr)
        browser.close()
    return rows


def one_load(browser: Browser, at: Served, path: str) -> dict[str, float]:
    context = browser.new_context(base_url=at.url, viewport={"width": 1280, "height": 900})
    host = at.url.removeprefix("http://").partition(":")[0]
    name_and_value = {"name": at.cookie["name"], "value": at.cookie["value"]}
    context.add_cookies([{**name_and_value, "domain": host, "path": "/", "secure": True}])  # type: ignore[typeddict-item]  # as it takes them
    page = context.new_page()
    session = context.new_cdp_session(page)
    session.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
    limits = {
        "offline": False,
        "latency": ROUND_TRIP_MS,
        "downloadThroughput": BITS / 8,
        "uploadThroughput": BITS / 8,
    }
    session.send("Network.emulateNetworkConditions", limits)
    page.add_init_script(OBSERVE)
    page.goto(path)
    page.wait_for_timeout(1500)
    first = page.evaluate("performance.getEntriesByName('first-contentful-paint')[0].startTime")
    seen = page.evaluate("window.seen")
    context.close()
    # Total blocking time counts from the first paint on: https://web.dev/articles/tbt
    blocking = sum(max(0, duration - 50) for start, duration in seen["tasks"] if start + duration > first)
    return {"FCP s": first / 1000, "LCP s": seen["lcp"] / 1000, "CLS": seen["cls"], "TBT ms": blocking}


def table(headers: list[str], rows: list[list[str]]) -> str:
    return "\n".join(["| " + " | ".join(row) + " |" for row in (headers, ["---"] * len(headers), *rows)])


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--output", type=Path, default=Path("docs/benchmarks"))
    options = parser.parse_args()
    options.output.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as name, site(Path(name)) as at:
        served = table(["page", "kind", "p50 ms", "p95 ms", "target p95", "kB gzipped"], at_the_server(at))
        painted = table(["page", *TARGETS], in_a_browser(at))
    body = (
        f"A run of {ROWS:,} rows of which {ANOMALIES:,} are flagged, on PostgreSQL and Redis, two server processes and a worker on "
        f"the same machine; one client, {ROUNDS} requests each, first byte to last.\n\n{served}\n\n"
        f"In Chromium with the processor {SLOWER} times slower, {BITS // 10**6} Mbit/s and {ROUND_TRIP_MS} ms of round trip, nothing cached; "
        f"the median of {LOADS} loads, targets in brackets.\n\n{painted}"
    )
    write(options.output / "speed-pages.md", "Pages", body, target="bench-ui")
    return 0


if __name__ == "__main__":
    sys.exit(main())
