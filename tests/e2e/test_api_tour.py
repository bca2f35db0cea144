"""What the guide for developers promises, against a server as operators run it: a key, a table, its anomalies."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.command_line import ROOT, CommandLine, environment
from tests.support.served import Servers, servers

__all__ = ["servers"]
EXAMPLES = ROOT / "examples"


@pytest.fixture
def given(cli: CommandLine, servers: Servers) -> dict[str, str]:
    """The variables that the examples read; a server runs."""
    cli("tenant", "create", "acme")
    key = cli("key", "create", "--name", "tour", "--scope", "manage", "-t", "acme", "-o", "json").document
    server = servers()
    server.start()
    return {"ANOM_URL": server.url, "ANOM_KEY": key["key"]}


def run(command: list[str], folder: Path, given: dict[str, str]) -> str:
    done = subprocess.run(
        command, cwd=folder, env=environment(given), capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_six_lines_lead_from_a_key_to_scored_rows_and_python_does_the_same(
    given: dict[str, str], tmp_path: Path
) -> None:
    printed = run(["sh", str(EXAMPLES / "api_tour.sh")], tmp_path, given)
    scores = json.loads((tmp_path / "scores.json").read_text())
    assert max(scores["results"], key=lambda row: row["score"])["index"] == 41
    assert "succeeded" in printed
    usual, unusual = json.loads(printed.strip().splitlines()[-1])["results"]
    assert (usual["is_anomaly"], unusual["is_anomaly"]) == (False, True)
    assert "amount" in unusual["reason"]

    said = run([sys.executable, str(EXAMPLES / "api_client.py")], tmp_path, given)
    assert re.search(r"[1-4] of 301 rows are unusual\.\nrow 300: 0\.\d+ \w+, .*pressure", said)


def test_the_guide_has_the_lines_of_the_script() -> None:
    guide = (ROOT / "docs/guides/tenants.md").read_text(encoding="utf-8")
    script = (EXAMPLES / "api_tour.sh").read_text(encoding="utf-8")
    paths = re.findall(r'"\$api(/[^"]*)"', guide)
    assert len(paths) == 6
    assert [path.replace("$JOB", "$job") for path in paths] == re.findall(r'"\$api(/[^"]*)"', script)
