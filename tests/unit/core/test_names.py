"""One rule for the names that people give to things."""

import pytest

from core.domain.names import InvalidName, can_be_shown, checked_name

UNSEEN = {
    "a mark of direction": "invoice\u202efdp",
    "a blank of no width": "a\u200bb",
    "a joiner that joins nothing": "pay\u200dments",
    "a joiner at the end": "注文\u200d",
    "a letter of no ink": "\u3164",
    "a control character": "a\x07b",
    "a second line": "a\nb",
}


@pytest.mark.parametrize("name", UNSEEN.values(), ids=UNSEEN.keys())
def test_a_name_holds_nothing_that_cannot_be_seen(name: str) -> None:
    assert not can_be_shown(name)


@pytest.mark.parametrize(
    "name",
    [
        "Orders, EU",
        "注文",
        "Łódź",
        "café 🙂",
        "أوامر",
        "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645",
        "👩\u200d🔧",
    ],
)
def test_names_of_all_scripts_can_be_shown(name: str) -> None:
    assert checked_name(f"  {name} ") == name


def test_a_name_loses_its_needless_blanks() -> None:
    assert checked_name("  my   view ") == "my view"


@pytest.mark.parametrize("name", ["", "  ", "x" * 201])
def test_a_name_is_neither_empty_nor_endless(name: str) -> None:
    with pytest.raises(InvalidName):
        checked_name(name)
