"""The whole product while its parts die: what was asked for is done, once; clients read only 503 and 409 meanwhile."""

import gzip
import random
import resource
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import httpx

from tests.support.site import AWAY, Site, site, whole_site

__all__ = ["site", "whole_site"]
DATASETS, MODELS, RUNS = 10, 12, 28  # each dataset is profiled by a job: fifty jobs
ROWS = 40


def table(seed: int) -> bytes:
    chance = random.Random(seed)
    lines = [f"{chance.gauss(5, 1):.3f},{chance.gauss(0, 2):.3f}" for _ in range(ROWS)]
    return ("x,y\n" + "\n".join(lines) + "\n").encode()


def datasets(site: Site, count: int) -> None:
    for n in range(count):
        site.ask("POST", "/datasets", json={"name": f"Table {n}", "slug": f"table-{n}"})
        site.ask(
            "POST", f"/datasets/table-{n}/versions", content=table(n), headers={"Content-Type": "text/csv"}
        )


def test_servers_and_workers_are_killed_while_fifty_jobs_are_done(site: Site) -> None:
    over = threading.Event()

    def kill() -> None:
        chance = random.Random(3)
        victims = [site.workers[0], site.servers[0], site.workers[1], site.servers[1], site.workers[0]]
        for victim in victims:
            if over.wait(chance.uniform(2, 3.5)):
                return
            victim.kill()
            victim.start()

    with ThreadPoolExecutor(2) as pool:
        killing = pool.submit(kill)
        datasets(site, DATASETS)
        trained = [
            site.ask(
                "POST", "/train", json={"dataset": f"table-{n % DATASETS}", "name": "m", "algorithm": "ecod"}
            )
            for n in range(MODELS)
        ]
        runs = [
            site.ask("POST", "/runs", json={"dataset": f"table-{n % DATASETS}", "algorithm": "ecod"})
            for n in range(RUNS)
        ]
        jobs = site.wait_until_jobs_are_over()
        over.set()
        killing.result()
    assert Counter((job["kind"], job["state"]) for job in jobs) == {
        ("dataset.profile", "succeeded"): DATASETS,
        ("model.train", "succeeded"): MODELS,
        ("run.execute", "succeeded"): RUNS,
    }
    versions = [each["number"] for each in site.items("/models/m/versions")]
    assert sorted(versions) == list(range(1, MODELS + 1))
    finished = {run["id"]: run["state"] for run in site.items("/runs")}
    assert finished == {run["id"]: "succeeded" for run in runs}
    assert len({run["id"] for run in trained}) == MODELS
    assert usage(site) == {
        "rows_stored": DATASETS * ROWS,
        "models": 1,
        "concurrent_jobs": 0,
        "rows_scored_per_day": RUNS * ROWS,
    }


def usage(site: Site) -> dict[str, int]:
    asked = ("rows_stored", "models", "concurrent_jobs", "rows_scored_per_day")
    found = site.ask("GET", "/tenant/usage")["items"]
    return {each["quota"]: each["used"] for each in found if each["quota"] in asked}


def test_the_stores_are_restarted_under_load_and_clients_only_wait(site: Site) -> None:
    datasets(site, 1)
    with loaded(site) as answers:
        time.sleep(1)
        for _ in range(2):
            site.postgres.restart()
            time.sleep(1.5)
        site.redis.kill()
        time.sleep(2)
        site.redis.start()
        time.sleep(1.5)
    assert {status for status, _ in answers} <= {200, 201, 409, 503}, Counter(answers)
    refused = {media for status, media in answers if status >= 400}
    assert refused <= {"application/problem+json"}
    for number in range(2):
        with site.client(number) as client:
            assert client.get("/health").json()["status"] == "up"
            assert client.get("/datasets").status_code == 200
    made = [int(each["slug"].removeprefix("made-")) for each in site.items("/detectors")]
    created, refusals = (sum(status == wanted for status, _ in answers) for wanted in (201, 503))
    assert len(made) == len(set(made))
    # A database that goes away while it commits leaves open whether it did: the client hears 503 and asks.
    assert created <= len(made) <= created + min(refusals, 2)


@contextmanager
def loaded(site: Site) -> Iterator[list[tuple[int, str]]]:
    """Four clients at work meanwhile; each answer's status and media type."""
    answers: list[tuple[int, str]] = []
    over = threading.Event()

    def work(number: int) -> None:
        requests = requests_of(number)
        with site.client(number % 2) as client:
            while not over.is_set():
                method, path, more = next(requests)
                try:
                    answer = client.request(method, path, **more)
                except AWAY as error:
                    raise AssertionError("A server broke a connection.") from error
                time.sleep(0 if answer.is_success else 0.05)
                answers.append((answer.status_code, answer.headers["content-type"].partition(";")[0]))

    with ThreadPoolExecutor(4) as pool:
        working = [pool.submit(work, number) for number in range(4)]
        yield answers
        over.set()
        for each in working:
            each.result()


def requests_of(number: int) -> Iterator[tuple[str, str, dict[str, Any]]]:
    turn = 0
    while True:
        turn += 1
        yield "GET", "/datasets", {}
        yield "GET", "/datasets/table-0/rows", {}
        if number == 0 and turn % 10 == 0 and turn < 1000:
            body = {"name": f"Made {turn}", "slug": f"made-{turn}", "algorithm": "ecod"}
            yield "POST", "/detectors", {"json": body}


def test_two_servers_promote_at_once_and_one_wins(site: Site) -> None:
    datasets(site, 1)
    for _ in range(3):
        site.ask("POST", "/train", json={"dataset": "table-0", "name": "m", "algorithm": "ecod"})
    site.wait_until_jobs_are_over()
    for _ in range(5):
        with site.client(0) as one:
            found = one.get("/models/m")
        etag, champion = found.headers["etag"], found.json()["aliases"].get("champion")
        others = [version for version in (1, 2, 3) if version != champion]
        before = len(site.items("/models/m/alias-history"))

        def promote(number: int, etag: str = etag, others: list[int] = others) -> httpx.Response:
            body = {"version": others[number]}
            with site.client(number) as client:
                return client.put("/models/m/aliases/champion", json=body, headers={"If-Match": etag})

        answers = at_once(promote)
        assert sorted(answer.status_code for answer in answers) == [200, 412]
        [winner] = [number for number, answer in enumerate(answers) if answer.status_code == 200]
        assert site.ask("GET", "/models/m")["aliases"]["champion"] == others[winner]
        assert len(site.items("/models/m/alias-history")) == before + 1


def test_the_same_upload_twice_at_once_is_one_version(site: Site) -> None:
    for n in range(5):
        site.ask("POST", "/datasets", json={"name": f"Twice {n}", "slug": f"twice-{n}"})
        path, content = f"/datasets/twice-{n}/versions", table(n)

        def upload(number: int, path: str = path, content: bytes = content) -> httpx.Response:
            with site.client(number) as client:
                return client.post(path, content=content, headers={"Content-Type": "text/csv"})

        answers = at_once(upload)
        assert sorted(answer.status_code for answer in answers) == [200, 201], [a.text for a in answers]
        assert answers[0].json()["id"] == answers[1].json()["id"]
        assert len(site.items(path)) == 1
    assert usage(site)["rows_stored"] == 5 * ROWS


def test_a_full_disk_on_upload_is_a_507_that_leaves_nothing(site: Site) -> None:
    limit = 2_000_000  # bytes that the server may write to one file
    raw = ("x,y\n" + "\n".join(f"{n},{n * 7919 % 100_003}" for n in range(200_000))).encode()
    packed = {"Content-Type": "text/csv", "Content-Encoding": "gzip"}  # the upload fits, its table does not
    staging = site.cli.folder / "var" / "staging"
    before = set(staging.glob("*"))  # of workers that other tests killed: swept after a day
    server = site.servers[0].process.pid
    soft, hard = resource.prlimit(server, resource.RLIMIT_FSIZE)
    resource.prlimit(server, resource.RLIMIT_FSIZE, (limit, hard))
    with site.client(0) as client:
        for content, headers in ((raw, {"Content-Type": "text/csv"}), (gzip.compress(raw), packed)):
            full = client.post("/datasets/uploads?name=Full", content=content, headers=headers)
            assert (full.status_code, full.json()["code"]) == (507, "unwritable")
            assert "var" not in full.text
        resource.prlimit(server, resource.RLIMIT_FSIZE, (soft, hard))
        assert site.items("/datasets") == []
        assert usage(site)["rows_stored"] == 0
        assert set(staging.glob("*")) <= before
        assert (
            client.post("/datasets/uploads?name=Full", content=gzip.compress(raw), headers=packed).status_code
            == 201
        )


def test_an_installation_made_as_the_guide_says_is_well(site: Site) -> None:
    found = site.operate("doctor")["items"]
    assert {item["ok"] for item in found} == {True}, found


def at_once(ask: Callable[[int], httpx.Response]) -> list[httpx.Response]:
    """Of both servers."""
    start = threading.Barrier(2)

    def begin(number: int) -> httpx.Response:
        start.wait()
        return ask(number)

    with ThreadPoolExecutor(2) as pool:
        return list(pool.map(begin, range(2)))
