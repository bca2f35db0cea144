"""The API's document says all that callers need, of every operation."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from fastapi.testclient import TestClient

from core.infrastructure.settings import Settings
from interfaces.bootstrap.http import create_app
from interfaces.bootstrap.service import build
from interfaces.presentation.openapi import document, operations
from interfaces.presentation.problem_types import problem_types
from people_ops.domain.permissions import ALL, OPERATE

Node = dict[str, Any]
SERVER = "https://anomalies.example.com"


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FastAPI]:
    folder: Path = tmp_path_factory.mktemp("service")
    service = build(
        Settings.load(environment={"ANOMALY_DETECTION_DATA_DIR": str(folder)}, folder=folder),
    )
    yield create_app(service)
    service.close()


@pytest.fixture(scope="module")
def api(app: FastAPI) -> Node:
    return document(app, SERVER)


def every(api: Node) -> list[tuple[str, Node]]:
    return [(f"{method.upper()} {path}", operation) for path, method, operation in operations(api)]


def responses(api: Node, operation: Node) -> dict[str, Node]:
    shared = api["components"]["responses"]
    found = operation["responses"].items()
    return {s: shared[r["$ref"].rpartition("/")[2]] if "$ref" in r else r for s, r in found}


def media(api: Node) -> Iterator[tuple[str, str, Node]]:
    """Every body of every request and answer but problems."""
    for name, operation in every(api):
        for kind, content in operation.get("requestBody", {}).get("content", {}).items():
            yield f"{name} body", kind, content
        for status, answer in responses(api, operation).items():
            for kind, content in answer.get("content", {}).items():
                if "problem" not in kind:
                    yield f"{name} {status}", kind, content


def test_it_names_its_version_server_and_ways_to_sign_in(api: Node) -> None:
    assert api["openapi"].startswith("3.1")
    assert api["servers"] == [{"url": SERVER}]
    assert set(api["components"]["securitySchemes"]) == {"bearer", "password"}


def test_every_operation_has_a_summary_a_known_tag_and_an_id_of_its_own(api: Node) -> None:
    tags = {tag["name"] for tag in api["tags"]}
    assert [n for n, o in every(api) if not o.get("summary")] == []
    assert [(n, o.get("tags")) for n, o in every(api) if not set(o.get("tags") or ["none"]) <= tags] == []
    ids = [operation["operationId"] for _, operation in every(api)]
    assert sorted(ids) == sorted(set(ids))


def test_every_operation_states_its_permission_or_that_it_is_open(api: Node) -> None:
    known = ALL | OPERATE
    for name, operation in every(api):
        assert bool(operation["security"]) == ("x-permission" in operation), name
        assert set(operation.get("x-permission", ())) <= known, name


def test_every_operation_lists_what_may_go_wrong(api: Node) -> None:
    for name, operation in every(api):
        expected = {"400", "500"} | ({"401"} if operation["security"] else set())
        expected |= {"403"} if operation.get("x-permission") else set()
        expected |= {"404"} if "{" in name else set()
        expected |= {"429", "503"} if "/api/" in name else set()
        expected |= {"413", "415", "422"} if "requestBody" in operation else set()
        assert expected <= set(operation["responses"]), name


def test_every_error_is_a_problem_with_examples_that_fit_its_schema(api: Node) -> None:
    problem = jsonschema_rs.validator_for(api["components"]["schemas"]["Problem"])
    examples = api["components"]["examples"]
    assert [code for code, each in examples.items() if not problem.is_valid(each["value"])] == []
    for name, operation in every(api):
        for status, answer in responses(api, operation).items():
            if status[0] in "45" and "application/json" not in answer["content"]:
                named = answer["content"]["application/problem+json"]["examples"]
                assert named, (name, status)
                codes = {each["$ref"].rpartition("/")[2] for each in named.values()}
                assert {examples[code]["value"]["status"] for code in codes} == {int(status)}, name


def test_every_text_that_is_sent_or_answered_has_an_example(api: Node) -> None:
    textual = re.compile(r"application/(json|x-ndjson|x-www-form-urlencoded)|text/.+")
    without = [
        (name, kind)
        for name, kind, content in media(api)
        if textual.fullmatch(kind) and not {"example", "examples"} & set(content)
    ]
    assert without == []


def test_every_example_fits_its_schema(api: Node) -> None:
    wrong = []
    for name, kind, content in media(api):
        if kind == "application/json" and "example" in content and content.get("schema"):
            schema = content["schema"] | {"components": api["components"]}
            if "format" not in content["schema"]:
                validator = jsonschema_rs.validator_for(schema)
                wrong += [(name, e.message) for e in validator.iter_errors(content["example"])]
    assert wrong == []


def test_nothing_is_named_for_a_module_of_ours(api: Node) -> None:
    assert [name for name in api["components"]["schemas"] if "_" in name] == []
    assert "HTTPValidationError" not in str(api)


def test_the_rows_of_detect_are_documented_as_they_are_answered(api: Node) -> None:
    rows = api["components"]["schemas"]["DetectionOut"]["properties"]["results"]["items"]["$ref"]

    assert "index" in api["components"]["schemas"][rows.rpartition("/")[2]]["properties"]


def test_no_two_schemas_get_the_same_name(app: FastAPI, api: Node) -> None:
    made = get_openapi(title="", version="1", routes=app.routes)["components"]["schemas"]
    ours = set(api["components"]["schemas"]) - {"Problem"}

    assert len(ours) == len(set(made) - {"HTTPValidationError", "ValidationError"})


def test_every_reference_leads_somewhere(api: Node) -> None:
    def references(node: Any) -> Iterator[str]:
        if isinstance(node, dict):
            if isinstance(node.get("$ref"), str):
                yield node["$ref"]
            node = list(node.values())
        for each in node if isinstance(node, list) else ():
            yield from references(each)

    for reference in set(references(api)):
        _, _, kind, name = reference.split("/")
        assert name in api["components"][kind], reference


def test_no_header_or_query_parameter_can_be_null(api: Node) -> None:
    for name, operation in every(api):
        for parameter in operation["parameters"]:
            assert {"type": "null"} not in parameter.get("schema", {}).get("anyOf", ()), name


def test_keys_against_doing_it_twice_are_taken_where_answers_hold_no_secret(api: Node) -> None:
    taken = {name for name, operation in every(api) if "Idempotency-Key" in str(operation["parameters"])}
    taken |= {
        n for n, o in every(api) if {"$ref": "#/components/parameters/IdempotencyKey"} in o["parameters"]
    }
    assert "POST /api/v1/datasets" in taken
    assert "POST /api/v1/datasets/{dataset}/rows" in taken
    assert not [name for name in taken if "/auth/" in name or "/keys" in name or not name.startswith("POST")]


def test_every_problem_says_what_to_do(app: FastAPI) -> None:
    assert [each.code for each in problem_types().values() if not each.remedy] == []


def test_it_is_served_to_anyone_as_it_is(app: FastAPI) -> None:
    answer = TestClient(app).get("/openapi.json")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/json"
    assert answer.json()["paths"].keys() == document(app, SERVER)["paths"].keys()
