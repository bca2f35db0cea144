"""Which version is the champion, who made it that, and the way back."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from threading import Barrier

import pytest

from core.domain.errors import Conflict, Stale
from machine_learning.domain.registry.model import NoFormerChampion, VersionInUse
from machine_learning.domain.registry.version import NotServable
from tests.support.registry import Desk


def version_of(desk: Desk) -> int:
    return desk.registry.models.model(desk.ana.tenant_id, "pumps").version


def champion(desk: Desk) -> int | None:
    return desk.registry.models.model(desk.ana.tenant_id, "pumps").aliases.get("champion")


def promote(desk: Desk, number: int, version: int | None = None) -> None:
    desk.registry.point_alias(desk.ana, "pumps", alias="champion", number=number, version=version)


@pytest.fixture
def three(desk: Desk) -> Desk:
    """A model of three versions; the first is the champion."""
    for seed in range(3):
        desk.trained(seed=seed)
    return desk


def test_of_two_promotions_of_what_both_read_one_is_refused(three: Desk) -> None:
    read, start = version_of(three), Barrier(2)

    def attempt(number: int) -> int | None:
        start.wait()
        try:
            promote(three, number, read)
        except Conflict:
            return None
        return number

    with ThreadPoolExecutor(2) as pool:
        done = [number for number in pool.map(attempt, (2, 3)) if number]
    assert done == [champion(three)]


def test_promotions_that_read_nothing_come_one_after_the_other(three: Desk) -> None:
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda number: promote(three, number), (2, 3, 2, 3)))
    page = three.registry.models.alias_moves(three.ana.tenant_id, "pumps", limit=10, cursor=None)
    moves = [(m.before, m.after) for m in reversed(page.items)]
    assert all(before == after for (_, after), (before, _) in pairwise(moves))
    assert moves[-1][1] == champion(three)


def test_rolling_back_goes_back_one_champion_at_a_time(three: Desk) -> None:
    promote(three, 2)
    promote(three, 3)
    found = []
    for _ in range(2):
        three.registry.roll_back(three.ana, "pumps", version=None)
        found.append(champion(three))
    assert found == [2, 1]
    with pytest.raises(NoFormerChampion, match="No champion before the present one"):
        three.registry.roll_back(three.ana, "pumps", version=None)


def test_a_removed_champion_can_be_had_back(three: Desk) -> None:
    three.registry.remove_alias(three.ana, "pumps", alias="champion", version=None)
    assert champion(three) is None
    three.registry.roll_back(three.ana, "pumps", version=None)
    assert champion(three) == 1


def test_the_history_says_who_moved_what(three: Desk) -> None:
    promote(three, 2)
    three.registry.roll_back(three.ana, "pumps", version=None)
    page = three.registry.models.alias_moves(three.ana.tenant_id, "pumps", limit=10, cursor=None)
    assert [(m.before, m.after, m.reason) for m in page.items] == [
        (2, 1, "rolled_back"),
        (1, 2, "promoted"),
        (None, 1, "first_version"),
    ]
    assert {m.user_id for m in page.items} == {three.ana.user_id}


def test_pointing_an_alias_where_it_points_changes_nothing(three: Desk) -> None:
    before = version_of(three)
    promote(three, 1)
    assert version_of(three) == before


@pytest.mark.parametrize(
    "change",
    [
        lambda desk: desk.registry.delete_version(desk.ana, "pumps", number=1, read=None),
        lambda desk: desk.registry.archive_version(desk.ana, "pumps", number=1, archived=True, read=None),
    ],
)
def test_a_version_with_an_alias_stays(three: Desk, change: Callable[[Desk], None]) -> None:
    with pytest.raises(VersionInUse):
        change(three)
    assert champion(three) == 1


def test_an_archived_version_is_not_promoted(three: Desk) -> None:
    three.registry.archive_version(three.ana, "pumps", number=2, archived=True, read=None)
    with pytest.raises(NotServable):
        promote(three, 2)
    three.registry.archive_version(three.ana, "pumps", number=2, archived=False, read=None)
    promote(three, 2)
    assert champion(three) == 2


def test_a_deleted_version_is_passed_over_on_the_way_back(three: Desk) -> None:
    promote(three, 2)
    promote(three, 3)
    three.registry.delete_version(three.ana, "pumps", number=2, read=None)
    three.registry.roll_back(three.ana, "pumps", version=None)
    assert (champion(three), len(three.kept)) == (1, 2)


def test_numbers_are_not_used_again(three: Desk) -> None:
    three.registry.delete_version(three.ana, "pumps", number=3, read=None)
    assert three.trained(seed=9) == 4


def test_a_change_of_what_was_changed_since_is_refused(three: Desk) -> None:
    read = version_of(three)
    promote(three, 2)
    for change in (
        lambda: promote(three, 3, read),
        lambda: three.registry.roll_back(three.ana, "pumps", version=read),
        lambda: three.registry.delete_model(three.ana, "pumps", version=read),
        lambda: three.registry.describe(three.ana, "pumps", version=read, name="New", description=None),
    ):
        with pytest.raises(Stale):
            change()


def test_models_are_found_by_a_part_of_their_name_in_any_case(desk: Desk) -> None:
    desk.trained("Pumps, hall 7")
    desk.trained("100% fans")

    def found(search: str) -> list[str]:
        page = desk.registry.models.models(
            desk.ana.tenant_id, sort="slug", limit=9, cursor=None, search=search
        )
        return [model.name for model in page.items]

    assert found("HALL") == found("pumps-h") == ["Pumps, hall 7"]
    assert found("%") == ["100% fans"]
    assert found("nothing") == []


def test_a_model_tells_which_champion_a_rollback_would_bring_back(three: Desk) -> None:
    promote(three, 3)
    assert list(three.registry.models.model(three.ana.tenant_id, "pumps").former_champions) == [1]
