"""One browser of each role for a module: logging in is limited to some times a minute."""

import pytest

from people_ops.domain.permissions import Role
from tests.support.pages import Browser, Pages


@pytest.fixture(scope="module")
def viewer(browse: Pages) -> Browser:
    return browse(Role.VIEWER)


@pytest.fixture(scope="module")
def analyst(browse: Pages) -> Browser:
    return browse(Role.ANALYST)


@pytest.fixture(scope="module")
def scientist(browse: Pages) -> Browser:
    return browse(Role.DATA_SCIENTIST)


@pytest.fixture(scope="module")
def admin(browse: Pages) -> Browser:
    return browse(Role.TENANT_ADMIN)
