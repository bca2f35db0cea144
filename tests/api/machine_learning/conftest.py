from pathlib import Path

import pytest

from core.infrastructure.sql import Storage
from tests.support.registry import Desk, desk_on


@pytest.fixture
def desk(storage: Storage, tmp_path: Path) -> Desk:
    return desk_on(storage, tmp_path)
