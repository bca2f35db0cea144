"""Fixtures of the tests of what people do."""

import pytest
from playwright.sync_api import expect

from tests.support.web import Installation
from tests.ui.desk import Desk

expect.set_options(timeout=15_000)  # on a machine that does much else


@pytest.fixture(scope="session")
def desk(installation: Installation) -> Desk:
    return Desk(installation)
