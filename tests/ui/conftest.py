"""Fixtures of the tests of what people do."""

import pytest

from tests.support.web import Installation
from tests.ui.desk import Desk


@pytest.fixture(scope="session")
def desk(installation: Installation) -> Desk:
    return Desk(installation)
