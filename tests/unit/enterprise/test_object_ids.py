"""What an audit entry is about has the id that it has everywhere else."""

import re
from pathlib import Path

import core
from enterprise.presentation.object_ids import PREFIXES

SOURCES = Path(core.__path__[0]).parent
AUDITED = re.compile(r'\.audit\(\s*"([a-z_]+\.?[a-z_]*)",\s*[a-z_]+(?:\.[a-z_]+)?\s*[,)]')


def test_every_action_that_names_an_object_says_what_its_id_is_like() -> None:
    found = {action for path in SOURCES.rglob("*.py") for action in AUDITED.findall(path.read_text())}
    assert {"dataset.created", "logout", "key.rotated", "model.import_started"} <= found
    assert {action for action in found if not {action, action.partition(".")[0]} & PREFIXES.keys()} == set()
