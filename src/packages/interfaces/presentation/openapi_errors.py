"""The problems an operation may answer with: its own, and those that every one may."""

from collections.abc import Iterator
from http import HTTPStatus
from typing import Any

from interfaces.presentation import openapi_parts as parts
from interfaces.presentation.problem_types import GENERAL, REPEATABLE, ProblemType, problem_types

Node = dict[str, Any]
SCHEMA = {"$ref": "#/components/schemas/Problem"}


def shared_responses() -> Node:
    """Where an operation has nothing of its own to say about a status, it refers to these."""
    found: dict[str, list[ProblemType]] = {}
    for each in GENERAL:
        found.setdefault(name_of(each.status), []).append(each)
    return {name: _response(types) for name, types in found.items()}


def shared_examples() -> Node:
    return {
        code: {"summary": each.title, "value": example(each, "/api/v1/datasets")}
        for code, each in problem_types().items()
    }


def name_of(status: int) -> str:
    return HTTPStatus(status).phrase.replace(" ", "").replace("-", "")


def error_responses(path: str, operation: Node, *, is_repeatable: bool) -> Node:
    """All of them, by status; what the routes say is in ``operation`` already."""
    stated = {status: codes for status, codes in _stated(operation) if status[0] in "45"}
    more = REPEATABLE if is_repeatable else ()
    statuses = {str(status) for status in expected_statuses(path, operation)} | {str(t.status) for t in more}
    found: Node = {}
    for status in sorted(statuses | set(stated)):
        if status in operation["responses"] and status not in stated:
            continue  # no problem, but an answer of its own
        own = [problem_types()[code] for code in stated.get(status, ())]
        own += [each for each in more if str(each.status) == status]
        found[status] = _with_general(int(status), own) if own else _shared(int(status))
    return found


def _stated(operation: Node) -> Iterator[tuple[str, list[str]]]:
    """Statuses and codes of the problems that the route names."""
    for status, answer in operation["responses"].items():
        content = answer.get("content", {})
        if parts.MEDIA_TYPE in content or "HTTPValidationError" in str(content):
            yield status, list(content.get(parts.MEDIA_TYPE, {}).get("examples", {}))


def _shared(status: int) -> Node:
    return {"$ref": f"#/components/responses/{name_of(status)}"}


def expected_statuses(path: str, operation: Node) -> set[int]:
    """What may go wrong whatever the operation does."""
    found = {400, 414, 429, 431, 500, 503} if path.startswith("/api/") else {400, 414, 431, 500}
    if operation["security"]:
        found |= {401, 403}  # 403 also where no permission is asked for: the tenant may be suspended
    if "{" in path:
        found |= {404, 422}
    if any("$ref" not in parameter for parameter in operation["parameters"]):
        found |= {422}
    if "requestBody" in operation:
        found |= {408, 413, 415, 422}
    return found


def _with_general(status: int, own: list[ProblemType]) -> Node:
    general = [each for each in GENERAL if each.status == status]
    return _response([*own, *(each for each in general if each.code not in {o.code for o in own})])


def _response(types: list[ProblemType]) -> Node:
    status = types[0].status
    headers = ["X-Request-Id"]
    headers += ["Retry-After"] if status in (429, 503) else []
    headers += ["WWW-Authenticate"] if status == 401 else []
    examples = {t.code: {"$ref": f"#/components/examples/{t.code}"} for t in types}
    return {
        "description": " / ".join(dict.fromkeys(t.title for t in types)),
        "headers": {name: {"$ref": f"#/components/headers/{name}"} for name in headers},
        "content": {parts.MEDIA_TYPE: {"schema": SCHEMA, "examples": examples}},
    }


def example(of: ProblemType, path: str) -> Node:
    """Without a fix where the fix depends on the case."""
    errors = [{"pointer": "#/name", "code": "missing", "detail": "Field required"}]
    return {
        "type": f"/problems/{of.slug}",
        "title": of.title,
        "status": of.status,
        "detail": of.meaning or f"{of.title}.",
        "instance": path,
        "code": of.code,
        "request_id": "0193a1b27c3d7e4f8a5b6c7d8e9f0a1b",
        "fix": of.remedy,
    } | ({"errors": errors} if of.code == "invalid_request" else {})
