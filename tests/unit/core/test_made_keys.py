from concurrent.futures import ThreadPoolExecutor
from itertools import count
from pathlib import Path
from threading import Barrier

import pytest

from core.infrastructure.made_keys import KeyNotKept, made_once


def test_a_key_is_made_once_and_open_to_us_only(tmp_path: Path) -> None:
    path = tmp_path / "keys" / "audit"

    assert made_once(path, lambda: "first") == "first"
    assert made_once(path, lambda: "second") == "first"
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700


def test_all_who_start_at_once_get_the_same_key(tmp_path: Path) -> None:
    number, together = count(), Barrier(8)

    def make() -> str:
        together.wait(10)
        return str(next(number))

    with ThreadPoolExecutor(8) as pool:
        keys = list(pool.map(lambda _: made_once(tmp_path / "keys" / "jwt", make), range(8)))

    assert len(set(keys)) == 1
    assert [path.name for path in (tmp_path / "keys").iterdir()] == ["jwt"]


def test_a_folder_that_cannot_be_made_is_said_without_its_path(tmp_path: Path) -> None:
    (tmp_path / "keys").write_text("a file")

    with pytest.raises(KeyNotKept) as refused:
        made_once(tmp_path / "keys" / "jwt", lambda: "key")

    assert str(tmp_path) not in str(refused.value)
