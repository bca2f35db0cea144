"""Made-up requests to every operation of the API's document, by every role, on PostgreSQL (the stricter database).

Valid and invalid ones; the same in every run. ``FUZZ_EXAMPLES`` says how many of each per operation and role.
"""

import os
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
import schemathesis
from fastapi import FastAPI
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, Phase, given
from hypothesis import settings as bounds
from hypothesis.strategies import SearchStrategy
from schemathesis import APIOperation, Case, GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import FailureGroup
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from core.domain.actor import Actor
from core.domain.ids import PLATFORM, UserId, new_id
from core.infrastructure.settings import Settings
from enterprise.api import Enterprise, Plan
from interfaces.bootstrap.database import DatabaseOperations
from interfaces.bootstrap.http import create_app
from interfaces.bootstrap.service import Service, build
from people_ops.domain.permissions import PERMISSIONS, Role
from tests.support.api import FakeAuthenticator
from tests.support.installations import NewInstallation

EXAMPLES = int(os.environ.get("FUZZ_EXAMPLES", "1"))
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
    response_headers_conformance,
]
KEPT = ("data.dir", "database.url", "database.system_url", "database.migration_url")
RATES = (
    "ANOMALY_DETECTION_API_KEY_REQUESTS_PER_MINUTE",
    "ANOMALY_DETECTION_API_LOGIN_ATTEMPTS_PER_MINUTE",
)
STORED = {"dataset": "orders", "number": 1, "detector": "orders-check", "tenant": "acme"}
ROWS = "order_id,amount,country\n" + "".join(f"o-{n},{n * 7 % 100},de\n" for n in range(40))


@dataclass(frozen=True, slots=True)
class Fuzzed:
    app: FastAPI
    headers: Mapping[str, str]
    statuses: Counter[int] = field(default_factory=Counter)


@pytest.fixture
def stored(new_postgresql: NewInstallation) -> Iterator[Service]:
    """With a tenant, and a dataset that examples name."""
    settings = unhurried(new_postgresql())
    DatabaseOperations(settings).migrate()
    service = build(settings)
    enterprise: Enterprise = service.bundles[Enterprise]
    enterprise.ensure_platform()
    yield service
    service.close()


def unhurried(made: Settings) -> Settings:
    """With rates that no test uses up: an answer of 429 would hide all others."""
    kept = {f"ANOMALY_DETECTION_{path.replace('.', '_').upper()}": str(made.get(path)) for path in KEPT}
    rates = dict.fromkeys(RATES, "1000000")
    return Settings.load(environment=kept | rates, folder=made.get("data.dir"))


@pytest.fixture
def signed_in(stored: Service, role: str) -> Fuzzed:
    enterprise: Enterprise = stored.bundles[Enterprise]
    console = Actor(tenant_id=PLATFORM)
    acme = enterprise.create_tenant(console, "acme", name="Acme", plan=Plan.ENTERPRISE)
    actors = {
        str(each): Actor(
            tenant_id=PLATFORM if each == Role.OPERATOR else acme,
            permissions=PERMISSIONS[each],
            user_id=UserId(new_id()),
        )
        for each in Role
    }
    app = create_app(replace(stored, authenticator=FakeAuthenticator(actors)))
    store(app)
    return Fuzzed(app, {} if role == "nobody" else {"Authorization": f"Bearer {role}"})


def store(app: FastAPI) -> None:
    """What ``STORED`` names."""
    client = TestClient(app, headers={"Authorization": "Bearer analyst"})
    csv = {"Content-Type": "text/csv"}
    answer = client.post("/api/v1/datasets/uploads?name=Orders", content=ROWS, headers=csv)
    assert answer.status_code == 201, answer.text
    answer = client.post("/api/v1/detectors", json={"name": "Orders check"})
    assert answer.status_code == 201, answer.text


@pytest.mark.parametrize("role", ["nobody", *Role])
def test_no_request_fails_the_server_and_every_answer_is_as_documented(signed_in: Fuzzed, role: str) -> None:
    api = schemathesis.openapi.from_asgi("/openapi.json", signed_in.app)
    found: dict[str, str] = {}
    for each in api.get_all_operations():
        operation = each.ok()  # type: ignore[union-attr]  # or this test stops
        for strategy in strategies(operation):
            try:
                fuzz(strategy, signed_in)
            except FailureGroup as failures:
                found[f"{role}: {operation.label}"] = "; ".join(map(str, failures.exceptions))
    assert found == {}
    assert signed_in.statuses[429] < signed_in.statuses.total() / 20  # log-ins have limits of their own
    if role == Role.TENANT_ADMIN:
        assert {200, 201, 202, 204, 400, 404, 422} <= set(signed_in.statuses)


def strategies(operation: APIOperation[Any, Any, Any, Any]) -> Iterator[SearchStrategy[Case[Any]]]:
    """Valid and invalid requests, and valid ones to what is stored."""
    for mode in GenerationMode:
        yield operation.as_strategy(generation_mode=mode)
    names = re.findall(r"{(\w+)}", operation.path)
    if names and set(names) <= set(STORED):
        yield operation.as_strategy(path_parameters={name: STORED[name] for name in names})


def fuzz(strategy: SearchStrategy[Case[Any]], fuzzed: Fuzzed) -> None:
    """Raises FailureGroup."""

    @given(case=strategy)
    @bounds(
        max_examples=EXAMPLES,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    def answered_as_documented(case: Case[Any]) -> None:
        answer = case.call(headers=dict(fuzzed.headers))
        fuzzed.statuses[answer.status_code] += 1
        case.validate_response(answer, checks=CHECKS)

    answered_as_documented()
