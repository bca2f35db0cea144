from pathlib import Path

import pytest

from core.infrastructure.sql import Storage
from tests.support.scoring import ScoringDesk, scoring_on


@pytest.fixture
def scoring(storage: Storage, tmp_path: Path) -> ScoringDesk:
    return scoring_on(storage, tmp_path)
