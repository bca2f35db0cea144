"""Every route states who may use it, and lets in and keeps out as stated and as the guide says."""

from collections import defaultdict
from uuid import uuid4

import pytest
from fastapi import FastAPI

from core.presentation.ids import shown
from people_ops.domain.permissions import PERMISSIONS, Role
from tests.support.roles_guide import GUIDE, permissions_table, routes_table
from tests.support.routes import all_routes, stated_routes
from tests.support.tenants import Person, Town

KNOWN = {permission for permissions in PERMISSIONS.values() for permission in permissions}
EVERYBODYS = {"/api/v1/auth/logout", "/api/v1/auth/sessions"}  # would end the session the test goes on with


def test_every_route_says_what_it_needs_or_is_public(town: Town) -> None:
    unstated = [route.name for route in all_routes(app_of(town)) if bool(route.asks) == route.public]
    assert unstated == []


def test_every_permission_a_route_asks_for_is_one_that_roles_have(town: Town) -> None:
    asked = {permission for route in all_routes(app_of(town)) for permission in route.asks if permission}
    assert asked - KNOWN == set()


def test_the_guide_has_the_roles_and_routes_there_are(town: Town) -> None:
    guide = GUIDE.read_text()
    assert permissions_table() in guide
    assert routes_table(app_of(town)) in guide


@pytest.mark.parametrize("role", list(Role))
def test_each_role_is_let_in_and_kept_out_as_stated(town: Town, role: Role) -> None:
    person = town.person("platform" if role is Role.OPERATOR else "acme", role)
    wrong = defaultdict(list)
    for route in stated_routes(app_of(town)):
        if route.path in EVERYBODYS or route.public:
            continue
        status = asked_for_nothing_there(person, route.method, route.filled(defaultdict(made_up)))
        allowed = all(asks is None or asks in PERMISSIONS[role] for asks in route.asks)
        if allowed == (status in (401, 403)):
            wrong[status].append(route.name)
    assert wrong == {}


def test_without_a_token_only_public_routes_answer(town: Town) -> None:
    wrong = [
        (route.name, status)
        for route in stated_routes(app_of(town))
        if not route.public
        and (status := town.client.request(route.method, route.filled(defaultdict(made_up))).status_code)
        != 401
    ]
    assert wrong == []


def app_of(town: Town) -> FastAPI:
    assert isinstance(town.client.app, FastAPI)
    return town.client.app


def made_up() -> str:
    """A path's value that names nothing there is."""
    return shown("xx", uuid4())


def asked_for_nothing_there(person: Person, method: str, path: str) -> int:
    return person(
        method, path, headers={"Idempotency-Key": uuid4().hex} if method == "POST" else {}
    ).status_code
