"""What belongs to another tenant does not exist: on every route, in paths, queries, bodies and cursors."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import pytest
from fastapi import FastAPI
from httpx2 import Response

from core.presentation.ids import shown
from people_ops.domain.permissions import Role
from tests.support.belongings import Belongings, belongings
from tests.support.routes import StatedRoute, stated_routes
from tests.support.tenants import Person, Town

# Bodies that get as far as looking for what the path names.
BODIES: dict[str, object] = {
    "PATCH /api/v1/datasets/{dataset}": {"name": "mine now"},
    "POST /api/v1/datasets/{dataset}/rows": [{"pump": "p1", "flow": 1.0, "heat": 2.0}],
    "PATCH /api/v1/members/{member}": {"roles": ["viewer"]},
    "PATCH /api/v1/models/{model}": {"description": "mine now"},
    "PATCH /api/v1/models/{model}/versions/{number}": {"archived": True},
    "PUT /api/v1/datasets/{dataset}/checks/{check}": {"on": False},
    "PUT /api/v1/models/{model}/aliases/{alias}": {"version": 1},
    "PUT /api/v1/models/{model}/versions/{number}/threshold": {"alert_rate": 0.1},
    "PATCH /api/v1/roles/{role}": {"name": "mine now", "permissions": []},
    "PATCH /api/v1/sources/{source}": {"name": "mine now"},
    "PATCH /api/v1/detectors/{detector}": {"name": "mine now"},
    "POST /api/v1/detectors/{detector}/scores": {"data": [{"flow": 1.0, "heat": 2.0}] * 12},
    "POST /api/v1/models/{model}/scores": {"data": [{"flow": 1.0, "heat": 2.0}]},
    "PUT /api/v1/runs/{run}/rows/{n}/label": {"verdict": "true"},
    "PUT /api/v1/runs/{run}/threshold": {"alert_rate": 0.1},
    "POST /api/v1/runs/{run}/threshold-previews": {"alert_rate": 0.1},
}
MINE_BY_ANY_NAME = {
    "source_id"
}  # a tenant's own words for where its points come from: two tenants may use the same
OTHERS = {"name": "hbos", "check": "constant", "number": "1", "alias": "champion", "n": "3"}
# Ids of others in a body: "{dataset}" and the like are filled in.
REFERENCES: list[tuple[str, str, dict[str, object]]] = [
    ("POST", "/train", {"dataset": "{dataset}", "name": "stolen", "algorithm": "hbos"}),
    ("POST", "/runs", {"dataset": "{dataset}", "algorithm": "hbos"}),
    ("POST", "/runs", {"dataset": "{dataset}", "model": "{model}"}),
    ("POST", "/runs", {"dataset": "{dataset}", "detector": "{detector}"}),
    ("POST", "/detect", {"dataset_id": "{dataset}", "algorithm": "hbos"}),
    ("POST", "/detect", {"data": [{"flow": 1.0, "heat": 2.0}], "model": "{model}"}),
    ("PUT", "/point-sources/mine/model", {"model": "{model}"}),
    ("POST", "/label-batches", {"labels": [{"run": "{run}", "row": 3, "verdict": "true"}]}),
]


@dataclass(frozen=True, slots=True)
class Meeting:
    """Two tenants of one service; ``me`` may do everything in mine."""

    town: Town
    me: Person
    mine: Belongings
    theirs: Belongings

    def routes(self) -> Iterator[StatedRoute]:
        assert isinstance(self.town.client.app, FastAPI)
        return stated_routes(self.town.client.app)


@pytest.fixture
def meeting(town: Town) -> Meeting:
    mine, theirs = belongings(town, "alpha"), belongings(town, "bravo")
    return Meeting(town, mine.owner, mine, theirs)


def value_of(route: StatedRoute, parameter: str, ids: dict[str, str]) -> str:
    """What the parameter is filled with; a new kind of parameter must be given a value here."""
    if parameter == "run" and "/training-runs/" in route.path:
        parameter = "training-run"
    return ids[parameter] if parameter in ids else OTHERS[parameter]


def made_up(ids: dict[str, str]) -> dict[str, str]:
    """Ids of the same kinds that nobody has."""
    return {
        name: shown(id_.partition("_")[0], uuid4()) if "_" in id_ else "nobody" for name, id_ in ids.items()
    }


def asked(me: Person, route: StatedRoute, ids: dict[str, str]) -> Response:
    path = route.filled({name: value_of(route, name, ids) for name in route.parameters})
    headers = {"Idempotency-Key": uuid4().hex, "If-Match": '"1"'}
    more: dict[str, Any] = {"json": BODIES[route.name]} if route.name in BODIES else {}
    return me(route.method, path, headers=headers, **more)


def without_ids(answer: Response) -> str:
    """The body with ids, request ids and paths taken out: what two answers can be compared by."""
    text = re.sub(r'"(request_id|instance)":\s*"[^"]*"', "", answer.text)
    return re.sub(r"\b[a-z]{2,4}_[0-9A-Za-z]{26}\b|\bnobody\b|\bbravo\b", "ID", text)


def test_another_tenants_ids_answer_as_ids_that_nobody_has(meeting: Meeting) -> None:
    theirs, unlike = dict(meeting.theirs.ids), []
    for route in meeting.routes():
        if not set(route.parameters) - MINE_BY_ANY_NAME or route.public or "/admin/" in route.path:
            continue
        if route.path == "/api/v1/algorithms/{name}":
            continue
        of_theirs, of_nobody = asked(meeting.me, route, theirs), asked(meeting.me, route, made_up(theirs))
        if of_theirs.status_code != of_nobody.status_code or without_ids(of_theirs) != without_ids(of_nobody):
            unlike.append((route.name, of_theirs.status_code, of_nobody.status_code))
        if of_theirs.status_code < 400 and route.method != "DELETE":
            unlike.append((route.name, of_theirs.status_code, 0))
    assert unlike == []


def test_nothing_of_theirs_is_gone_or_changed_afterwards(meeting: Meeting) -> None:
    owner, ids = meeting.theirs.owner, meeting.theirs.ids
    reads = [
        f"/datasets/{ids['dataset']}",
        f"/models/{ids['model']}",
        "/roles",
        "/keys",
        "/members",
        "/tenant",
    ]
    before = [owner("GET", path).json() for path in reads]
    for route in meeting.routes():
        if route.parameters and not route.public and route.method != "GET" and "/admin/" not in route.path:
            asked(meeting.me, route, dict(ids))
    town_jobs = meeting.town.work()
    assert [owner("GET", path).json() for path in reads] == before
    assert town_jobs == 0


def test_their_ids_in_a_body_are_ids_that_nobody_has(meeting: Meeting) -> None:
    for method, path, body in REFERENCES:
        theirs = dict(meeting.theirs.ids)
        of_theirs, of_nobody = (
            sent(meeting.me, method, path, body, ids) for ids in (theirs, made_up(theirs))
        )
        assert of_theirs.status_code == of_nobody.status_code, path
        assert of_theirs.status_code in (404, 422) or of_theirs.json()["refused"] == 1, path
        assert without_ids(of_theirs) == without_ids(of_nobody), path


def sent(me: Person, method: str, path: str, body: dict[str, object], ids: dict[str, str]) -> Response:
    text = re.sub(r'"{([a-z-]+)}"', lambda found: json.dumps(ids[found[1]]), json.dumps(body))
    headers = {"Content-Type": "application/json", "Idempotency-Key": uuid4().hex}
    return me(method, path, content=text, headers=headers)


def test_nothing_that_i_can_read_mentions_them(meeting: Meeting) -> None:
    """Their ids, names and e-mails, in any answer to a GET of mine."""
    secrets = {meeting.theirs.marker, "bravo", *(id_ for id_ in meeting.theirs.ids.values() if "_" in id_)}
    leaks = []
    for route in meeting.routes():
        if route.method != "GET" or route.public or route.path.endswith("/events"):
            continue
        answer = asked(meeting.me, route, dict(meeting.mine.ids))
        text = answer.content.decode("utf-8", "replace")
        leaks += [(route.name, secret) for secret in secrets if secret in text]
    assert leaks == []


def test_a_cursor_of_theirs_shows_nothing_of_theirs(meeting: Meeting) -> None:
    me, them = meeting.me, meeting.theirs.owner
    lists = (
        "datasets",
        "models",
        "members",
        "jobs",
        "keys",
        "audit",
        "training-runs",
        "runs",
        "detectors",
        "labels",
    )
    for path in (f"/{name}" for name in lists):
        cursor = them("GET", f"{path}?limit=1").json().get("next_cursor")
        if cursor is None:
            continue
        answer = me("GET", path, params={"cursor": cursor})
        assert answer.status_code in (200, 400), path
        assert meeting.theirs.marker not in answer.text
        assert not any(id_ in answer.text for id_ in meeting.theirs.ids.values() if "_" in id_), path


def test_an_operator_sees_no_tenants_data(town: Town) -> None:
    theirs = belongings(town, "bravo")
    operator = town.person("platform", Role.OPERATOR)
    assert isinstance(town.client.app, FastAPI)
    seen = [
        route.name
        for route in stated_routes(town.client.app)
        if route.method == "GET"
        and not route.public
        and not route.path.endswith("/events")
        and not MINE_BY_ANY_NAME & set(route.parameters)
        and theirs.marker in asked(operator, route, dict(theirs.ids)).text
    ]
    assert seen == []


def test_a_session_of_one_tenant_is_none_in_another(town: Town) -> None:
    ana = town.person("alpha", Role.TENANT_ADMIN, email="ana@example.org")
    town.tenant("bravo")
    assert ana("GET", "/tenant").json()["slug"] == "alpha"
    form = {"username": "ana@example.org", "password": "correct horse battery staple", "tenant": "bravo"}
    assert town.client.post("/api/v1/auth/token", data=form).status_code == 401
