from dataclasses import replace
from pathlib import Path

import pytest

from core.infrastructure.sql import Storage
from enterprise import wiring as enterprise_wiring
from people_ops.infrastructure.people_sql import member_email
from tests.support.people import AUDIT_KEY, House


@pytest.fixture
def house(storage: Storage, tmp_path: Path) -> House:
    log = enterprise_wiring.audit_log(AUDIT_KEY, storage.clock, email_of=member_email)
    return House(replace(storage, audit_log=log), tmp_path / "files")
