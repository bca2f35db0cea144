"""``detect`` and ``train`` with ``--server``, against a server as operators run it."""

import csv
import io
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from tests.support.command_line import CommandLine, Finished
from tests.support.served import Servers

FAR = 41


@dataclass(frozen=True, slots=True)
class Remote:
    """Runs a command with ``--server`` and a tenant's token; keyword arguments are variables in place of that."""

    here: CommandLine
    url: str

    def __call__(self, *arguments: str, **variables: str) -> Finished:
        token = variables or {"ANOMALY_DETECTION_TOKEN_FILE": "token"}
        return self.here(*arguments, "--server", self.url, env=token)

    def cold(self, *arguments: str) -> Finished:
        token = {"ANOMALY_DETECTION_TOKEN_FILE": "token"}
        return self.here.cold(*arguments, "--server", self.url, env=token)


def written(folder: Path, rows: int) -> None:
    """Usual rows and, as number ``FAR``, an odd one."""
    random = np.random.default_rng(5)
    frame = pl.DataFrame(
        {
            "order": [f"o-{number}" for number in range(rows)],
            "amount": random.normal(50, 5, rows).round(2),
            "items": random.integers(1, 4, rows),
        }
    )
    frame[FAR, "amount"] = 9820.0
    frame.write_csv(folder / "orders.csv")


@pytest.fixture(scope="module")
def remote(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Remote]:
    folder = tmp_path_factory.mktemp("remote")
    here, servers = CommandLine(folder), Servers(folder)
    here("tenant", "create", "acme")
    key = here("key", "create", "--name", "cli", "--scope", "manage", "-t", "acme", "-o", "json").document
    (folder / "token").write_text(key["key"] + "\n")
    server = servers()
    server.start()
    yield Remote(here, server.url)
    servers.kill()


def test_a_small_table_is_scored_at_once_and_shown_as_the_local_one_is(remote: Remote) -> None:
    written(remote.here.folder, 300)
    asked = ("detect", "--input", "orders.csv", "--algorithm", "hbos", "--top", "3")
    there, here = remote.cold(*asked, "-o", "json"), remote.here(*asked, "-o", "json")
    assert there.code == 0, there.err
    found, expected = there.document, here.document
    assert found["results"][0]["row"] == FAR
    assert "amount" in found["results"][0]["reason"]
    counts = ("schema", "input", "rows", "anomalies", "by_severity")
    assert [found[name] for name in counts] == [expected[name] for name in counts]
    scores = [[row["score"] for row in document["results"]] for document in (found, expected)]
    assert scores[0] == pytest.approx(scores[1], abs=1e-6)
    assert "of 300 rows" in there.err
    table = remote(*asked)
    assert table.out.splitlines()[0].split() == ["row", "score", "severity", "reason"]
    [first, *_] = csv.DictReader(io.StringIO(remote(*asked, "-o", "csv").out))
    assert first["row"] == str(FAR)
    assert remote(*asked, "--fail-on", "medium").code == 10


def test_a_large_table_is_scored_by_a_run_and_stored_once(remote: Remote) -> None:
    written(remote.here.folder, 10_500)
    asked = ("detect", "--input", "orders.csv", "--algorithm", "hbos", "--id", "order", "-o", "json")
    found = remote.cold(*asked, "--top", "2", "--output", "scored.csv")
    assert found.code == 0, found.err
    assert found.document["rows"] == 10_500
    assert found.document["results"][0]["order"] == f"o-{FAR}"
    scored = pl.read_csv(remote.here.folder / "scored.csv")
    assert scored.height == 10_500
    assert scored[FAR, "is_anomaly"] is True
    assert json.loads(scored[FAR, "contributions"]).keys() == {"amount", "items"}
    refused = remote(*asked, "--output", "scored.csv")
    assert (refused.code, "scored.csv already exists" in refused.error) == (5, True)
    again = remote(*asked, "--output", "scored.csv", "--force")
    assert again.document["dataset"] == found.document["dataset"]
    assert again.document["run"] != found.document["run"]


def test_what_a_server_learns_it_scores_by(remote: Remote) -> None:
    written(remote.here.folder, 300)
    trained = remote.cold(
        "train", "--data", "orders.csv", "--model", "orders", "--algorithm", "hbos", "-o", "json"
    )
    assert trained.code == 0, trained.err
    assert trained.document["reference"] == "orders:1"
    assert trained.document["algorithm"] == "hbos"
    scored = remote("detect", "--input", "orders.csv", "--model", "orders:1", "--top", "1", "-o", "ndjson")
    assert json.loads(scored.out)["row"] == FAR


def test_what_goes_wrong_there_is_said_here(remote: Remote) -> None:
    written(remote.here.folder, 300)
    asked = ("detect", "--input", "orders.csv")
    unknown = remote(*asked, ANOMALY_DETECTION_TOKEN="anom_live_abcdef_nothing")
    assert (unknown.code, "Traceback" in unknown.err) == (4, False)
    assert "anom_live" not in unknown.err
    missing = remote(*asked, ANOMALY_DETECTION_TOKEN_FILE=str(remote.here.folder / "none"))
    assert (missing.code, "client.token_file" in missing.error) == (4, True)
    assert remote(*asked, "--model", "none").code == 3
    assert remote(*asked, "--max-alerts", "3").code == 2
    (remote.here.folder / "orders.csv").write_text("amount\n1\n2\n3\n")
    few = remote(*asked)
    assert (few.code, "10" in few.error) == (7, True)
    by_run = remote(*asked, "--ignore", "amount")
    assert by_run.code == 7, by_run.err


@pytest.mark.parametrize(
    ("url", "code"), [("http://127.0.0.1:1", 6), ("ftp://x", 2), ("http://", 2), ("https://a:b@x", 2)]
)
def test_a_server_that_is_none_is_said_so(cli: CommandLine, url: str, code: int) -> None:
    written(cli.folder, 300)
    token = {"ANOMALY_DETECTION_TOKEN": "anom_dev_token"}
    assert cli("detect", "--input", "orders.csv", "--server", url, env=token).code == code
    assert cli("train", "--data", "orders.csv", "--server", "http://127.0.0.1:1").code == 4
