"""``config``, ``version`` and log lines as their users meet them."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.command_line import CommandLine, Finished, environment


def settings(shown: Finished) -> dict[str, tuple[object, str]]:
    assert shown.code == 0
    assert shown.document["schema"] == "anom.settings/1"
    return {item["setting"]: (item["value"], item["origin"]) for item in shown.document["items"]}


def test_every_value_is_shown_with_where_it_comes_from(cli: CommandLine) -> None:
    (cli.folder / "config").mkdir()
    (cli.folder / "config" / "data.yaml").write_text("# ours\nbatch_rows: 1000\nspool_limit_gb: 2\n")
    shown = cli(
        "config", "show", "--origin", "-o", "json", "-v", env={"ANOMALY_DETECTION_DATA__SPOOL_LIMIT_GB": "3"}
    )
    found = settings(shown)
    assert found["data.batch_rows"] == (1000, "config/data.yaml:2")
    assert found["data.spool_limit_gb"] == (3.0, "environment ANOMALY_DETECTION_DATA__SPOOL_LIMIT_GB")
    assert found["log.level"] == ("INFO", "flag -v")
    assert found["model.seed"] == (0, "default")


def test_the_table_writes_null_as_the_files_do(cli: CommandLine) -> None:
    lines = cli.cold("config", "show").out.splitlines()
    assert lines[0].split() == ["setting", "value"]
    assert ["model.contamination", "null"] in [line.split() for line in lines]


def test_one_value_can_be_had(cli: CommandLine) -> None:
    assert cli.cold("config", "get", "data.batch_rows").out == "65536\n"
    assert cli("config", "get", "data.batch_rows", "-o", "json").document == {
        "schema": "anom.setting/1",
        "setting": "data.batch_rows",
        "value": 65536,
    }


def test_an_unknown_path_is_missing_or_its_default(cli: CommandLine) -> None:
    missing = cli("config", "get", "data.batch_row")
    assert (missing.code, missing.out) == (3, "")
    assert "Did you mean 'data.batch_rows'" in missing.error
    assert (
        cli("config", "get", "data.prometheus.url", "--default", "http://here:9090").out
        == "http://here:9090\n"
    )


def test_a_mistake_in_a_file_stops_with_its_place_and_the_nearest_key(cli: CommandLine) -> None:
    (cli.folder / "mine.yaml").write_text("data:\n  spool_dir: /tmp\n  batch_rwos: 5\n")
    refused = cli("config", "show", "--config", "mine.yaml")
    assert (refused.code, refused.out) == (2, "")
    assert (
        refused.error
        == "error: mine.yaml:3: 'batch_rwos' is no setting of 'data'. Did you mean 'batch_rows'?"
    )
    assert cli("config", "show", "--config", "missing.yaml").code == 3


def test_a_bad_value_in_the_environment_names_the_variable(cli: CommandLine) -> None:
    refused = cli("config", "show", env={"ANOMALY_DETECTION_DETECT_TOP": "-5"})
    assert refused.code == 2
    assert "environment ANOMALY_DETECTION_DETECT_TOP: detect.top is '-5'" in refused.error


def test_the_version_is_that_of_the_program_python_and_the_libraries(cli: CommandLine) -> None:
    document = cli.cold("version", "-o", "json").document
    assert document["schema"] == "anom.version/1"
    assert {"anomaly_detection", "python", "numpy", "polars", "scikit-learn", "pyod"} <= document.keys()
    assert cli("version").out.split()[:2] == ["name", "version"]
    assert cli.cold("--version").out == f"anomaly_detection {document['anomaly_detection']}\n"


LOGGING = """
import warnings
import structlog
from core.infrastructure.logging import get_logger, start_logging
start_logging("{level}", "{form}")
structlog.contextvars.bind_contextvars(run_id="run_1")
get_logger("core.things").info("thing_made", size=3)
get_logger("core.things").debug("thing_seen")
try:
    1 / 0
except ZeroDivisionError:
    get_logger("core.things").exception("thing_failed")
import logging
logging.getLogger("library").info("chatter")
logging.getLogger("library").warning("%s of %s", 1, 2)
warnings.warn("careful")
"""


def run_python(code: str, folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", code],
        env=environment(),
        cwd=folder,
        capture_output=True,
        text=True,
        check=True,
    )


@pytest.mark.parametrize("level", ["INFO", "WARNING"])
def test_log_lines_are_json_on_standard_error(level: str, tmp_path: Path) -> None:
    done = run_python(LOGGING.format(level=level, form="auto"), tmp_path)
    assert done.stdout == ""
    lines = [json.loads(line) for line in done.stderr.splitlines()]
    events = [line["event"] for line in lines]
    assert events[-1 if level == "WARNING" else -2] == "1 of 2"
    assert ("thing_made" in events, "careful" in str(events)) == ((level == "INFO"),) * 2
    assert "chatter" not in events
    failed = lines[events.index("thing_failed")]
    assert list(failed)[:4] == ["timestamp", "level", "event", "logger"]
    assert failed["timestamp"].endswith("Z")
    assert (failed["level"], failed["logger"], failed["run_id"]) == ("error", "core.things", "run_1")
    assert "ZeroDivisionError" in failed["exception"]


def test_log_lines_can_be_for_people(tmp_path: Path) -> None:
    done = run_python(LOGGING.format(level="INFO", form="console"), tmp_path)
    assert done.stdout == ""
    assert "thing_made" in done.stderr
    assert "size=3" in done.stderr
    assert not done.stderr.startswith("{")


def test_an_ordinary_command_writes_no_log_lines(cli: CommandLine) -> None:
    assert cli("config", "show").err == ""
