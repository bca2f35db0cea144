from pathlib import Path

import pytest

from core.infrastructure.sql import Storage
from tests.support.runs import RunDesk, run_desk_on


@pytest.fixture
def run_desk(storage: Storage, tmp_path: Path) -> RunDesk:
    return run_desk_on(storage, tmp_path)
