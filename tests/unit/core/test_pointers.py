"""Where in a body something is wrong."""

from typing import Any

import pytest

from core.domain.errors import Invalid
from core.presentation.problems import pointing_at, rejected


class Odd(Invalid):
    title = "It is odd"


@pytest.mark.parametrize(
    ("facts", "pointer"),
    [
        ({"name": "depth"}, "#/params/depth"),
        ({"name": "a/b~c"}, "#/params/a~1b~0c"),
        ({"name": ("features", "2")}, "#/params/features/2"),
        ({}, "#/params"),
    ],
)
def test_an_error_points_at_what_its_facts_name(facts: dict[str, Any], pointer: str) -> None:
    with pytest.raises(Odd) as caught, pointing_at({Odd: "#/params/{name}"}):
        raise Odd("It is.", **facts)
    assert caught.value.facts["pointer"] == pointer


def test_branches_of_a_union_are_no_steps() -> None:
    found: list[dict[str, Any]] = [
        {"loc": ("body", "a", 0, "int"), "type": "int_type", "msg": "No number"},
        {"loc": ("body", "a", 0, "str"), "type": "string_type", "msg": "No text"},
        {"loc": ("body", "shape", "Circle", "radius"), "type": "missing", "msg": "Field required"},
        {"loc": ("body", "names", "a b", "[key]"), "type": "string_pattern_mismatch", "msg": "No name"},
        {"loc": ("query", "limit"), "type": "int_type", "msg": "No number"},
    ]
    body = {"a": [None], "shape": {}, "names": {"a b": 1}}
    assert rejected(found, body) == [
        {"pointer": "#/a/0", "code": "no_type_fits", "detail": "No number; or: No text"},
        {"pointer": "#/shape/radius", "code": "missing", "detail": "Field required"},
        {"pointer": "#/names/a b", "code": "string_pattern_mismatch", "detail": "No name"},
        {"parameter": "limit", "code": "int_type", "detail": "No number"},
    ]
