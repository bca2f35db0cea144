"""The API's document (OpenAPI 3.1): what FastAPI knows of the routes, and what callers need besides."""

import re
from collections.abc import Iterator, Mapping
from functools import cached_property
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.openapi.utils import get_openapi
from fastapi.routing import iter_route_contexts

from core.presentation.http import Permitted, dependants
from interfaces.presentation import openapi_parts as parts
from interfaces.presentation.openapi_errors import error_responses, shared_examples, shared_responses
from interfaces.presentation.openapi_examples import example_of

Node = dict[str, Any]
METHODS = ("get", "post", "put", "patch", "delete", "head", "options")
NOT_KEPT = ("/api/v1/auth/", "/api/v1/keys")  # answers with secrets are not kept for Idempotency-Key


class ApiDocument:
    """Made at the first look: routes may be added until then."""

    def __init__(self, app: FastAPI, server: str) -> None:
        self._app, self.server = app, server

    @cached_property
    def document(self) -> Node:
        return document(self._app, self.server)


def document(app: FastAPI, server: str) -> Node:
    """``server`` is the URL that requests go to."""
    made = get_openapi(
        title="Anomaly Detection", version=app.version, description=parts.ABOUT, routes=app.routes
    )
    made["openapi"] = "3.1.0"
    made["servers"] = [{"url": server}]
    made["tags"] = [{"name": name, "description": words} for name, words in parts.TAGS.items()]
    made = _with_plain_names(made)
    components = made.setdefault("components", {})
    schemas = components.setdefault("schemas", {})
    for name in ("HTTPValidationError", "ValidationError"):
        schemas.pop(name, None)
    schemas["Problem"] = parts.PROBLEM
    components |= {
        "securitySchemes": parts.SECURITY_SCHEMES,
        "headers": parts.HEADERS,
        "parameters": parts.PARAMETERS,
        "responses": shared_responses(),
        "examples": shared_examples(),
    }
    permissions = _permissions(app)
    for path, method, operation in operations(made):
        _complete(path, method, operation, permissions[path, method], schemas)
    return made


def operations(made: Mapping[str, Any]) -> Iterator[tuple[str, str, Node]]:
    """Path, method and operation, in the order of the routes."""
    for path, item in made["paths"].items():
        for method in METHODS:
            if method in item:
                yield path, method, item[method]


def _permissions(app: FastAPI) -> dict[tuple[str, str], list[str] | None]:
    """Of each operation, the permissions its caller needs; None where it is public."""
    found: dict[tuple[str, str], list[str] | None] = {}
    for route in iter_route_contexts(app.routes):
        dependant: Dependant | None = getattr(route, "dependant", None)
        if dependant is None or route.path is None:
            continue
        stated = [part.call.permission for part in dependants(dependant) if isinstance(part.call, Permitted)]
        needed = list(dict.fromkeys(each for each in stated if each)) if stated else None
        for method in route.methods or ():
            found.setdefault((route.path_format or route.path, method.lower()), needed)
    return found


def _complete(path: str, method: str, operation: Node, needed: list[str] | None, schemas: Node) -> None:
    operation["operationId"] = operation_id(method, path)
    operation["security"] = [] if needed is None else parts.SIGNED_IN
    if needed is not None:
        operation["x-permission"] = needed
    _parameters(path, method, operation)
    for media_type, content in operation.get("requestBody", {}).get("content", {}).items():
        _give_example(media_type, content, schemas)
    operation["responses"] |= error_responses(path, operation, is_repeatable=is_repeatable(path, method))
    _answers(path, method, operation, schemas)
    operation["responses"] = dict(sorted(operation["responses"].items()))


def operation_id(method: str, path: str) -> str:
    words = re.findall(r"[A-Za-z0-9]+", path.removeprefix("/api/v1"))
    at_root = [] if path.startswith("/api/v1") or len(words) != 1 else ["root"]
    return "_".join([method, *at_root, *words]).replace("-", "_")


def _parameters(path: str, method: str, operation: Node) -> None:
    parameters: list[Node] = operation.get("parameters", [])
    for parameter in parameters:
        parameter["schema"] = _without_null(parameter["schema"])
        if parameter["name"] == "If-Match":
            parameter |= parts.IF_MATCH
        if parameter["name"] == "Idempotency-Key":
            parameter |= parts.PARAMETERS["IdempotencyKey"] | {"required": True}
    if is_repeatable(path, method) and not any(p["name"] == "Idempotency-Key" for p in parameters):
        parameters.append({"$ref": "#/components/parameters/IdempotencyKey"})
    parameters.append({"$ref": "#/components/parameters/RequestId"})
    operation["parameters"] = parameters


def is_repeatable(path: str, method: str) -> bool:
    """Whether Idempotency-Key is taken."""
    return method == "post" and not path.startswith(NOT_KEPT)


def _without_null(schema: Node) -> Node:
    """A parameter is there or left out; none is null."""
    options: list[Node] = [option for option in schema.get("anyOf", ()) if option.get("type") != "null"]
    if len(options) != 1:
        return schema
    beside = {key: value for key, value in schema.items() if key not in ("anyOf", "default")}
    return options[0] | beside


def _give_example(media_type: str, content: Node, schemas: Node) -> None:
    if "example" in content or "examples" in content:
        return
    schema = content.get("schema", {})
    is_file = not schema or schema.get("format") == "binary" or set(schema) <= {"type", "format", "title"}
    text = parts.TEXTS.get(media_type.partition(";")[0])
    if text and is_file:
        content["example"] = text
    elif not is_file:
        content["example"] = example_of(schema, schemas)


def _answers(path: str, method: str, operation: Node, schemas: Node) -> None:
    names = list(parts.ALWAYS) if path.startswith("/api/") else ["X-Request-Id"]
    for status, answer in operation["responses"].items():
        for media_type, content in answer.get("content", {}).items():
            if "problem" not in media_type:
                _give_example(media_type, content, schemas)
        if not status.startswith(("2", "3")):
            continue
        if answer["description"] == "Successful Response":
            answer["description"] = HTTPStatus(int(status)).phrase
        own = [*names]
        if status in ("201", "202"):
            own.append("Location")
        if any(p.get("name") == "If-Match" for p in operation["parameters"]) and method != "delete":
            own.append("ETag")
        if any(p.get("name") == "cursor" for p in operation["parameters"]):
            own.append("Link")
        if is_repeatable(path, method):
            own.append("Idempotency-Replayed")
        answer["headers"] = {n: {"$ref": f"#/components/headers/{n}"} for n in own} | answer.get(
            "headers", {}
        )


def _with_plain_names(made: Node) -> Node:
    """Pages of things are named for the things; nothing is named for a module of ours."""
    names = {name: _plain_name(name) for name in made.get("components", {}).get("schemas", {})}

    def renamed(node: Any) -> Any:
        if isinstance(node, list):
            return [renamed(each) for each in node]
        if not isinstance(node, dict):
            return node
        found = {key: renamed(value) for key, value in node.items()}
        if isinstance(found.get("$ref"), str):
            folder, _, name = found["$ref"].rpartition("/")
            found["$ref"] = f"{folder}/{names.get(name, name)}"
        return found

    made = renamed(made)
    schemas = made.get("components", {}).get("schemas", {})
    for old, new in names.items():
        schema = schemas.pop(old)
        schemas[new] = schema | ({"title": new} if old != new else {})
    return made


def _plain_name(name: str) -> str:
    """Two of the same name have their modules before it: only the context's name stays."""
    if page := re.fullmatch(r"PageOut_(\w+?)(?:Out)?_", name):
        return f"{page[1]}Page"
    context, *modules = name.split("__")
    return context.title().replace("_", "") + modules[-1] if modules else name
