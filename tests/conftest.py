import os
from pathlib import Path

import pytest

from tests.support.command_line import CommandLine

pytest_plugins = [
    "tests.support.postgres",
    "tests.support.databases",
    "tests.support.installations",
    "tests.support.breakable",
    "tests.support.service",
    "tests.support.surroundings",
    "tests.support.served",
    "tests.support.tenants",
    "tests.support.pages",
    "tests.support.web",
]


@pytest.fixture
def cli(tmp_path: Path) -> CommandLine:
    """The command line in an empty folder."""
    return CommandLine(tmp_path)


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """In CI a skipped test is a failure: nothing is left out."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if os.environ.get("ANOMALY_DETECTION_TESTS_NO_SKIPS") and reporter and reporter.stats.get("skipped"):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
