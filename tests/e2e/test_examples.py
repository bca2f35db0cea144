"""Every example runs in an empty folder and prints what it promises."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.command_line import ROOT, environment

EXAMPLES = ROOT / "examples"


def output(name: str, folder: Path) -> str:
    """What the example prints; nothing may go wrong on the way, warnings included."""
    done = subprocess.run(
        [sys.executable, "-W", "error", EXAMPLES / name],
        cwd=folder,
        env=environment(),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_a_third_of_the_rare_rows_or_more_are_among_the_first_anomalies(tmp_path: Path) -> None:
    printed = output("first_anomalies.py", tmp_path)
    assert printed.count("$ anomaly_detection detect --input") == 2
    found = re.findall(r"Of the (\d+) .* hidden among (\d+) rows, (\d+) have the highest scores", printed)
    assert [(hidden, rows) for hidden, rows, _ in found] == [("11", "368"), ("5", "135")]
    for hidden, _, highest in found:
        assert 3 * int(highest) >= int(hidden)


def test_the_mistyped_value_of_a_csv_file_comes_first(tmp_path: Path) -> None:
    lines = output("detect_csv.py", tmp_path).splitlines()
    assert lines[0].endswith("of 178 wines are flagged. The highest scores:")
    assert lines[1].startswith("row 70: ")
    assert "malic_acid 121 is far above its usual" in lines[1]
    assert len(lines) == 4


def test_a_loaded_model_finds_the_leak_and_its_threshold_moves(tmp_path: Path) -> None:
    printed = output("model_life.py", tmp_path)
    assert (tmp_path / "pump.model").exists()
    assert re.search(r"Row 42 scores [01]\.\d+: (flow 40|pressure 4\.5) is ", printed)
    alerts = [int(n) for n in re.findall(r"on: (\d+) alerts", printed)]
    assert len(alerts) == 3
    assert alerts == sorted(alerts, reverse=True)
    assert 0 < alerts[2] < alerts[0]


def test_a_large_file_is_scored_whole_in_little_memory(tmp_path: Path) -> None:
    printed = output("larger_than_memory.py", tmp_path)
    assert re.search(r"\n +1234 +[01]\.\d+ +critical ", printed)
    assert "The highest score of 300,000 rows" in printed
    [peak] = re.findall(r"at most (\d+) MB", printed)
    assert 50 < int(peak) < 500


@pytest.mark.parametrize("script", sorted(EXAMPLES.glob("*.py")), ids=lambda path: path.name)
def test_every_example_is_listed_tested_and_short(script: Path) -> None:
    text = script.read_text(encoding="utf-8")
    assert f"[{script.name}]({script.name})" in (EXAMPLES / "README.md").read_text(encoding="utf-8")
    tests = [Path(__file__), Path(__file__).with_name("test_api_tour.py")]
    assert any(f'"{script.name}"' in test.read_text(encoding="utf-8") for test in tests)
    assert text.startswith('"""')
    assert len(text.splitlines()) <= 60
