"""One rule for the names that people give to things."""

import pytest

from core.domain.names import InvalidName, can_be_shown, checked_name

UNSEEN = {
    "a mark of direction": "invoice\u202efdp",
    "a blank of no width": "a\u200bb",
    "a letter of no ink": "\u3164",
    "a control character": "a\x07b",
    "a second line": "a\nb",
}


@pytest.mark.parametrize("name", UNSEEN.values(), ids=UNSEEN.keys())
def test_a_name_holds_nothing_that_cannot_be_seen(name: str) -> None:
    assert not can_be_shown(name)


@pytest.mark.parametrize("name", ["Orders, EU", "注文", "Łódź", "café 🙂", "أوامر"])
def test_names_of_all_scripts_can_be_shown(name: str) -> None:
    assert checked_name(f"  {name} ") == name


@pytest.mark.parametrize("name", ["", "  ", "x" * 201])
def test_a_name_is_neither_empty_nor_endless(name: str) -> None:
    with pytest.raises(InvalidName):
        checked_name(name)
