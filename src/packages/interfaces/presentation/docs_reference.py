"""The API's document as sections of a page."""

import json
from collections.abc import Iterator, Mapping
from shlex import quote
from typing import Any

from interfaces.presentation.docs_pages import Answer, Body, ErrorRow, FieldRow, Link, Operation, Section
from interfaces.presentation.openapi import operations
from interfaces.presentation.openapi_examples import PUBLIC_ID, example_of, resolved

Node = Mapping[str, Any]
DEEPEST = 3  # fields of fields of fields
LIMITS = {
    "minimum": "at least {}",
    "exclusiveMinimum": "above {}",
    "maximum": "at most {}",
    "exclusiveMaximum": "below {}",
    "minLength": "at least {} long",
    "maxLength": "at most {} long",
    "minItems": "at least {} items",
    "maxItems": "at most {} items",
}


def sections(document: Node) -> tuple[Section, ...]:
    """By tag; tags without operations are left out."""
    made = [
        (operation["tags"][0], path, method, operation) for path, method, operation in operations(document)
    ]
    reader = Reader(document)
    found = (
        Section(
            tag["name"],
            tag["description"],
            tuple(
                reader.operation(path, method, each)
                for name, path, method, each in made
                if name == tag["name"]
            ),
        )
        for tag in document["tags"]
    )
    return tuple(section for section in found if section.operations)


class Reader:
    """Reads operations out of one document."""

    def __init__(self, document: Node) -> None:
        self._components = document["components"]
        self._schemas: Node = self._components["schemas"]
        self._server: str = document["servers"][0]["url"].rstrip("/")

    def operation(self, path: str, method: str, stated: Node) -> Operation:
        parameters = [self._referred(each) for each in stated["parameters"]]
        body = stated.get("requestBody", {}).get("content", {})
        answers = {status: self._referred(each) for status, each in stated["responses"].items()}
        return Operation(
            id=stated["operationId"],
            method=method.upper(),
            path=path,
            summary=stated["summary"],
            description=stated.get("description", ""),
            permission=_permission(stated),
            parameters=tuple(self._parameter(p) for p in parameters if p["name"] != "X-Request-Id"),
            bodies=tuple(self._bodies(body)),
            curl=self._curl(path, method, stated, parameters),
            answers=tuple(self._answer(s, a) for s, a in answers.items() if s[0] in "23"),
            errors=tuple(self._error(s, a) for s, a in answers.items() if s[0] in "45"),
        )

    def _referred(self, node: Node) -> Node:
        if "$ref" not in node:
            return node
        _, _, kind, name = node["$ref"].split("/")
        found: Node = self._components[kind][name]
        return found

    def _parameter(self, stated: Node) -> FieldRow:
        words = stated.get("description", "")
        kind, required = self._type(stated["schema"]), stated.get("required", False)
        return FieldRow(stated["name"], kind, required, words, stated["in"])

    def _bodies(self, contents: Node) -> Iterator[Body]:
        """One where several media types say the same."""
        alike: dict[tuple[tuple[FieldRow, ...], str], list[str]] = {}
        for media_type, content in contents.items():
            rows = tuple(self._rows(content.get("schema", {})))
            example = "" if media_type == "multipart/form-data" else _shown(_example(content))
            alike.setdefault((rows, example), []).append(media_type)
        for (rows, example), media_types in alike.items():
            yield Body(", ".join(media_types), rows, example)

    def _answer(self, status: str, stated: Node) -> Answer:
        headers = ", ".join(stated.get("headers", {}))
        return Answer(status, stated["description"], headers, tuple(self._bodies(stated.get("content", {}))))

    def _error(self, status: str, stated: Node) -> ErrorRow:
        problems: dict[str, Node] = stated["content"].get("application/problem+json", {}).get("examples", {})
        links = [
            Link(f"/problems/{code.replace('_', '-')}", self._referred(each)["summary"])
            for code, each in problems.items()
        ]
        return ErrorRow(status, tuple(links) or (Link("", stated["description"]),))

    def _rows(self, schema: Node, before: str = "", depth: int = 0) -> Iterator[FieldRow]:
        schema = self._plain(schema)
        if schema.get("type") == "array":
            yield from self._rows(schema.get("items", {}), f"{before}[]", depth)
        required = schema.get("required", ())
        for name, stated in schema.get("properties", {}).items():
            shown = f"{before}.{name}".lstrip(".")
            plain = self._plain(stated)
            words = stated.get("description") or plain.get("description", "")
            yield FieldRow(shown, self._type(stated), name in required, " ".join(words.split()))
            if depth < DEEPEST:
                yield from self._rows(plain, shown, depth + 1)

    def _plain(self, schema: Node) -> Node:
        """Without references, and without the choice of null."""
        schema = resolved(schema, self._schemas)
        options = [option for option in schema.get("anyOf", ()) if option.get("type") != "null"]
        return self._plain(options[0]) if len(options) == 1 else schema

    def _type(self, schema: Node) -> str:
        stated, plain = resolved(schema, self._schemas), self._plain(schema)
        words = [self._kind(plain)]
        if not PUBLIC_ID.match(plain.get("pattern", "")):
            words += [said.format(plain[key]) for key, said in LIMITS.items() if key in plain]
        if stated is not plain and any(option.get("type") == "null" for option in stated.get("anyOf", ())):
            words.append("or null")
        if stated.get("default") not in (None, "", [], {}):
            words.append(f"default {json.dumps(stated['default'])}")
        return ", ".join(words)

    def _kind(self, schema: Node) -> str:
        if "enum" in schema:
            return "one of " + ", ".join(map(str, schema["enum"]))
        if "const" in schema:
            return json.dumps(schema["const"])
        if schema.get("type") == "array":
            return f"list of {self._kind(self._plain(schema.get('items', {})))}"
        if "anyOf" in schema:
            return " or ".join(dict.fromkeys(self._kind(self._plain(option)) for option in schema["anyOf"]))
        if found := PUBLIC_ID.match(schema.get("pattern", "")):
            return f"id ({found[1]}_...)"
        kind = schema.get("type", "any value")
        if isinstance(kind, list):
            return " or ".join(kind)
        return {"date-time": "time (RFC 3339)", "date": "date", "binary": "file"}.get(
            schema.get("format", ""), str(kind)
        )

    def _curl(self, path: str, method: str, stated: Node, parameters: list[Node]) -> str:
        """A request as a line to copy; ``$TOKEN`` is an access token or API key."""
        query = []
        for each in parameters:
            value = each.get("example", example_of(each["schema"], self._schemas, name=each["name"]))
            if each["in"] == "path" and "examples" in each["schema"] | {"pattern": 1}:
                path = path.replace(f"{{{each['name']}}}", str(value))
            elif each["in"] == "query" and each.get("required"):
                query.append(f"{each['name']}={value}")
        parts = [f"curl {quote(self._server + path + ('?' + '&'.join(query) if query else ''))}"]
        parts += [f"-X {method.upper()}"] if method not in ("get", "post") else []
        parts += ['-H "Authorization: Bearer $TOKEN"'] if stated["security"] else []
        for each in parameters:
            if each["in"] == "header" and (each.get("required") or each["name"] == "If-Match"):
                parts.append(f"-H {quote(each['name'] + ': ' + str(each.get('example', '')))}")
        parts += _curl_body(stated, method)
        return " \\\n  ".join(parts)


def _curl_body(stated: Node, method: str) -> list[str]:
    contents = stated.get("requestBody", {}).get("content", {})
    if not contents:
        return ["-X POST"] if method == "post" else []
    media_type, content = next(iter(contents.items()))
    example = _example(content)
    if media_type == "application/x-www-form-urlencoded":
        return [f"-d {quote(f'{name}={value}')}" for name, value in example.items() if value is not None]
    sent = "@rows.csv" if media_type == "text/csv" else "@file" if example is None else _compact(example)
    option = (
        "--data-binary" if sent.startswith("@") else "--json" if media_type == "application/json" else "-d"
    )
    header = [] if option == "--json" else [f"-H {quote(f'Content-Type: {media_type}')}"]
    return [*header, f"{option} {quote(sent)}"]


def _compact(example: Any) -> str:
    return example if isinstance(example, str) else json.dumps(example)


def _example(content: Node) -> Any:
    """The first one stated."""
    if "examples" in content:
        return next(iter(content["examples"].values())).get("value")
    return content.get("example")


def _shown(example: Any) -> str:
    if example is None:
        return ""
    return example if isinstance(example, str) else json.dumps(example, indent=2, ensure_ascii=False)


def _permission(stated: Node) -> str:
    needed = stated.get("x-permission")
    if needed is None:
        return "open: no sign-in"
    return " and ".join(needed) or "anyone signed in"
