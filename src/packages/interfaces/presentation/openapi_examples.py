"""An example of any schema: the ones its fields state, put together."""

import re
from collections.abc import Mapping
from typing import Any

Schema = Mapping[str, Any]
PUBLIC_ID = re.compile(r"\^(\w+)_\[0-7\]")
FORMATS = {
    "date-time": "2026-11-21T09:30:00Z",
    "date": "2026-11-21",
    "email": "ana@example.com",
    "uuid": "0193a1b2-7c3d-7e4f-8a5b-6c7d8e9f0a1b",
    "uri": "https://example.com/",
    "duration": "PT30S",
}
NAMED: Mapping[str, Any] = {
    "name": "Orders",
    "slug": "orders",
    "email": "ana@example.com",
    "description": "Orders of the web shop, one row each.",
    "algorithm": "isolation_forest",
    "model": "orders",
    "column": "amount",
    "status": "active",
    "detail": "amount 9,820 is far above its usual 43-199.",
    "reason": "amount 9,820 is far above its usual 43-199",
    "path": "/api/v1/datasets",
    "request_id": "0193a1b27c3d7e4f8a5b6c7d8e9f0a1b",
    "action": "dataset.created",
    "address": "203.0.113.7",
    "password": "correct horse battery staple",
    "token_type": "bearer",
}
DEEPEST = 8


def example_of(schema: Schema, schemas: Mapping[str, Schema], *, name: str = "", depth: int = 0) -> Any:
    """``schemas`` are what references name; ``name`` is the field's."""
    schema = resolved(schema, schemas)
    for stated in (
        (schema.get("examples") or [])[:1],
        [schema[k] for k in ("example", "const") if k in schema],
    ):
        if stated:
            return _whole(stated[0], schema, schemas, depth)
    if schema.get("enum"):
        return schema["enum"][0]
    if schema.get("default") is not None:
        return schema["default"]
    if depth > DEEPEST:
        return None
    for union in ("anyOf", "oneOf", "allOf"):
        if schema.get(union):
            of_value = [s for s in schema[union] if s.get("type") != "null"] or schema[union]
            return example_of(of_value[0], schemas, name=name, depth=depth + 1)
    return _of_type(schema, schemas, name, depth)


def resolved(schema: Schema, schemas: Mapping[str, Schema]) -> Schema:
    """What a reference names, with what is said beside it."""
    if "$ref" not in schema:
        return schema
    beside = {key: value for key, value in schema.items() if key != "$ref"}
    return {**schemas[schema["$ref"].rpartition("/")[2]], **beside}


def _whole(stated: Any, schema: Schema, schemas: Mapping[str, Schema], depth: int) -> Any:
    """With the required fields it leaves out; FastAPI drops what is null in stated examples."""
    if not isinstance(stated, dict) or depth > DEEPEST:
        return stated
    fields = schema.get("properties", {})
    left_out = [field for field in schema.get("required", ()) if field not in stated]
    return stated | {
        field: None
        if can_be_null(fields[field])
        else example_of(fields[field], schemas, name=field, depth=depth + 1)
        for field in left_out
    }


def can_be_null(schema: Schema) -> bool:
    kind = schema.get("type", ())
    return kind == "null" or "null" in kind or any(map(can_be_null, schema.get("anyOf", ())))


def _of_type(schema: Schema, schemas: Mapping[str, Schema], name: str, depth: int) -> Any:
    kind = schema.get("type")
    match kind[0] if isinstance(kind, list) else kind:
        case "object":
            return _of_object(schema, schemas, depth)
        case "array" if "prefixItems" in schema:
            return [example_of(item, schemas, name=name, depth=depth + 1) for item in schema["prefixItems"]]
        case "array":
            item = example_of(schema.get("items", {}), schemas, name=name.removesuffix("s"), depth=depth + 1)
            return [item] * max(1, schema.get("minItems", 1))
        case "integer" | "number":
            return schema.get("minimum", 1)
        case "boolean":
            return False
        case "null":
            return None
    return _text(schema, name)


def _of_object(schema: Schema, schemas: Mapping[str, Schema], depth: int) -> dict[str, Any]:
    fields = schema.get("properties", {})
    found = {
        field: example_of(of_field, schemas, name=field, depth=depth + 1)
        for field, of_field in fields.items()
    }
    others = schema.get("additionalProperties")
    if not found and isinstance(others, Mapping):
        return {"amount": example_of(others, schemas, name="amount", depth=depth + 1)}
    return found


def _text(schema: Schema, name: str) -> str:
    if found := PUBLIC_ID.match(schema.get("pattern", "")):
        return f"{found[1]}_01J8ZC5QX4T3M6W9K2R7N0B1DG"
    if schema.get("format") in FORMATS:
        return FORMATS[schema["format"]]
    text = str(NAMED.get(name, name.replace("_", " ") or "text"))
    return text[: schema.get("maxLength", len(text))]
