"""Log lines for machines."""

import json

import pytest

from core.infrastructure.logging import get_logger, start_logging


def test_a_line_has_its_own_keys_and_ours_alone(capfd: pytest.CaptureFixture[str]) -> None:
    start_logging("INFO", "json")
    get_logger("core.jobs").info("job_done", job_id="job_1")
    start_logging("WARNING")
    line = json.loads(capfd.readouterr().err)
    assert sorted(line) == ["event", "job_id", "level", "logger", "timestamp"]
    assert (line["event"], line["job_id"]) == ("job_done", "job_1")
