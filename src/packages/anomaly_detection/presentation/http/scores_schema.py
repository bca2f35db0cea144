"""What the document of the API says of bodies that are read without Pydantic."""

from collections.abc import Mapping
from typing import Any

from anomaly_detection.application.scoring.limits import MOST_ROWS
from anomaly_detection.presentation.http.arrow_rows import ARROW
from anomaly_detection.presentation.http.inline_rows import DetectBody, ModelScoresBody, RowsBody

BINARY = {"type": "string", "format": "binary"}
ARROW_TOO: dict[int | str, dict[str, Any]] = {200: {"content": {ARROW: {"schema": BINARY}}}}
CELL = {"type": ["number", "string", "boolean", "null"]}
ROW = {"type": "object", "additionalProperties": CELL}
TEXT = {"type": ["string", "null"], "minLength": 1}
FIELDS: Mapping[str, dict[str, Any]] = {
    "data": {
        "type": "array",
        "items": ROW,
        "minItems": 1,
        "maxItems": MOST_ROWS,
        "description": "Rows; a column that one of them lacks is null there.",
    },
    "explain": {
        "type": "boolean",
        "default": True,
        "description": "Give reason and contributions of flagged rows.",
    },
    "contamination": {
        "type": ["number", "null"],
        "exclusiveMinimum": 0,
        "maximum": 0.5,
        "description": "Expected share of anomalies; left out: the model's own, or found from the scores.",
    },
    "dataset_id": TEXT | {"maxLength": 120, "description": "Id or slug, in place of data."},
    "algorithm": TEXT
    | {"maxLength": 120, "description": "GET /algorithms lists them; left out: auto, or the model."},
    "model": TEXT | {"maxLength": 200, "description": "Id, slug, slug@alias or slug:version."},
    "params": {
        "type": "object",
        "additionalProperties": CELL,
        "maxProperties": 100,
        "description": "Parameters of the algorithm.",
    },
    "seed": {"type": "integer", "minimum": 0, "maximum": 2**32 - 1, "default": 0},
}
EXAMPLE = [
    {"x": x, "y": y}
    for x, y in zip([1, 2, 1, 2, 3, 2, 1, 2, 3, 99], [2, 1, 2, 3, 2, 1, 2, 2, 1, -5], strict=True)
]
EXAMPLES: Mapping[type[RowsBody], dict[str, Any]] = {
    DetectBody: {"data": EXAMPLE, "algorithm": "isolation_forest", "contamination": 0.1},
    ModelScoresBody: {"data": EXAMPLE[:1]},
    RowsBody: {"data": EXAMPLE},
}
OPTIONS: Mapping[type[RowsBody], frozenset[str]] = {
    kind: frozenset(kind.__struct_fields__) - {"data", "dataset_id", "params"} for kind in EXAMPLES
}


def described(kind: type[RowsBody]) -> dict[str, Any]:
    """Body and query parameters of a route that takes ``kind``."""
    schema: dict[str, Any] = {
        "type": "object",
        "properties": {name: FIELDS[name] for name in kind.__struct_fields__},
        "additionalProperties": False,
        "examples": [EXAMPLES[kind]],
    }
    if kind is not DetectBody:
        schema["required"] = ["data"]
    parameters = [
        {"name": name, "in": "query", "required": False, "schema": _one_type(FIELDS[name])}
        | {"description": "With an Arrow stream only."}
        for name in sorted(OPTIONS[kind])
    ]
    content = {"application/json": {"schema": schema}, ARROW: {"schema": BINARY}}
    return {"requestBody": {"required": True, "content": content}, "parameters": parameters}


def _one_type(schema: Mapping[str, Any]) -> dict[str, Any]:
    """Without null, which a query parameter cannot be."""
    kind = schema["type"]
    return dict(schema) | {"type": kind[0] if isinstance(kind, list) else kind}
