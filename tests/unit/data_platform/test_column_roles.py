"""Roles given column by column become choices that say no more than they must."""

from typing import Any
from uuid import uuid4

import polars as pl
import pytest

from data_platform.api import ColumnChoices, DatasetId, DatasetVersionId, OpenedVersion, Role
from data_platform.application.datasets.column_roles import (
    choices_of_roles,
    decisions_for,
    with_fitting_choices,
)
from data_platform.application.frames.frame_table import FrameTable
from data_platform.domain.schema import ConflictingRoles

FRAME = pl.DataFrame(
    {
        "order_id": range(1, 41),
        "amount": [i * 1.5 for i in range(40)],
        "code": [i % 4 for i in range(40)],
        "country": ["DE", "FR"] * 20,
        "label": [i % 20 == 0 for i in range(40)],
    }
)


def opened(**choices: Any) -> OpenedVersion:
    return OpenedVersion(
        dataset_id=DatasetId(uuid4()),
        version_id=DatasetVersionId(uuid4()),
        slug="orders",
        number=1,
        rows=len(FRAME),
        sha256="",
        choices=ColumnChoices(**choices),
        table=FrameTable(FRAME, "orders"),
    )


def roles_after(choices: ColumnChoices) -> dict[str, Role]:
    return {each.column: each.role for each in decisions_for(FRAME, choices)}


def test_what_is_inferred_anyway_stays_unsaid() -> None:
    version = opened()
    inferred = roles_after(ColumnChoices())
    assert choices_of_roles(version, inferred, categorical=[]) == ColumnChoices()


@pytest.mark.parametrize(
    ("column", "role"),
    [
        ("amount", Role.IGNORED),
        ("order_id", Role.FEATURE),
        ("order_id", Role.IGNORED),
        ("label", Role.FEATURE),
        ("label", Role.IGNORED),
        ("code", Role.TIME),
        ("code", Role.ID),
    ],
)
def test_every_column_gets_the_role_it_was_given(column: str, role: Role) -> None:
    wanted = roles_after(ColumnChoices()) | {column: role}
    if role is Role.ID:
        wanted["order_id"] = Role.IGNORED
    assert roles_after(choices_of_roles(opened(), wanted, categorical=[])) == wanted


def test_columns_that_are_not_mentioned_keep_their_roles() -> None:
    choices = choices_of_roles(opened(ignore=("amount",)), {"country": Role.IGNORED}, categorical=[])
    found = roles_after(choices)
    assert (found["amount"], found["country"], found["code"]) == (Role.IGNORED, Role.IGNORED, Role.FEATURE)


def test_a_number_can_be_read_as_a_category_unless_it_is_no_feature() -> None:
    assert choices_of_roles(opened(), {}, categorical=["code"]).categorical == ("code",)
    assert choices_of_roles(opened(), {"code": Role.IGNORED}, categorical=["code"]).categorical == ()


def test_two_columns_cannot_both_be_the_target() -> None:
    with pytest.raises(ConflictingRoles, match="'code' and 'label'"):
        choices_of_roles(opened(), {"code": Role.LABEL, "label": Role.LABEL}, categorical=[])


def test_choices_that_name_columns_of_an_older_version_are_left_out() -> None:
    assert with_fitting_choices(opened(id="gone")).choices == ColumnChoices()
    assert with_fitting_choices(opened(id="order_id")).choices == ColumnChoices(id="order_id")
