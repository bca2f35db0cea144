"""What all operations of the API's document share."""

from typing import Any

API_VERSION = "2026-11-01"
MEDIA_TYPE = "application/problem+json"
ABOUT = """Find the anomalies of tables: upload datasets, run detectors, train models, score rows.

Guides and this reference as pages: `/docs`. Every error is a problem of RFC 9457, described at its `type`.
"""
TAGS = {
    "detection": "Score rows at once: inline rows, a dataset, or one point of a stream.",
    "detectors": "Named configurations of an algorithm.",
    "runs": "A detector or model over a version of a dataset: its anomalies, threshold and result.",
    "labels": "What people say about flagged rows; precision is counted from it.",
    "datasets": "Tables: uploads, appended rows, immutable versions, profile and quality.",
    "sources": "SQL databases that datasets are fetched from, read only.",
    "models": "Registered models: versions with lineage, aliases, evaluation, export and import.",
    "training": "Training runs, which make versions of models.",
    "jobs": "Slow work: progress, cancelling, retrying.",
    "auth": "Logging in, sessions, one's password and second factor, links by mail.",
    "sso": "Single sign-on by OpenID Connect.",
    "members": "People of the tenant, and who is invited.",
    "roles": "What roles permit; roles of one's own.",
    "keys": "API keys: scoped, expiring, shown once.",
    "tenant": "The caller's tenant: settings, quotas, usage, export.",
    "audit": "What was done, by whom; hash-chained.",
    "operator": "For operators: tenants, quotas, jobs of all tenants.",
    "health": "Whether the service works, and its metrics.",
}
SECURITY_SCHEMES: dict[str, Any] = {
    "bearer": {
        "type": "http",
        "scheme": "bearer",
        "description": "An access token of POST /auth/token (15 minutes), or an API key (anom_...).",
    },
    "password": {
        "type": "oauth2",
        "description": "E-mail and password give an access and a refresh token.",
        "flows": {
            "password": {
                "tokenUrl": "/api/v1/auth/token",
                "refreshUrl": "/api/v1/auth/refresh",
                "scopes": {},
            }
        },
    },
}
SIGNED_IN: list[dict[str, list[str]]] = [{"bearer": []}, {"password": []}]
PROBLEM: dict[str, Any] = {
    "type": "object",
    "title": "Problem",
    "description": "RFC 9457. `code` is for programs; `fix` says what to do, where that is known.",
    "required": ["type", "title", "status", "detail", "instance", "code", "request_id"],
    "properties": {
        "type": {"type": "string", "description": "Path of the page about this problem."},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "instance": {"type": "string", "description": "Path of the request."},
        "code": {"type": "string", "pattern": "^[a-z0-9_]+$"},
        "request_id": {"type": "string"},
        "fix": {"type": "string"},
        "errors": {
            "type": "array",
            "description": "What is wrong, field by field; of a table, the first 20 rows that are wrong.",
            "items": {
                "type": "object",
                "properties": {
                    "pointer": {"type": "string", "description": "JSON pointer into the body."},
                    "parameter": {"type": "string", "description": "Name of the parameter."},
                    "row": {
                        "type": "integer",
                        "description": "Line as a text editor counts, from 1, the header being one; in a JSON array or "
                        "in Parquet, where rows have no lines, the row's place, from 1.",
                    },
                    "column": {"type": ["string", "null"], "description": "Null: the row as such."},
                    "code": {"type": "string"},
                    "detail": {"type": "string"},
                },
            },
        },
    },
    "additionalProperties": True,
}


def _header(kind: str, description: str, example: object) -> dict[str, Any]:
    return {"description": description, "schema": {"type": kind}, "example": example}


HEADERS = {
    "X-Request-Id": _header(
        "string", "The request's id, the caller's own where it sent one.", "req-20261121-7"
    ),
    "API-Version": _header("string", "Version of the API that answered.", API_VERSION),
    "RateLimit-Policy": _header("string", "Quota `q` per window of `w` seconds.", '"default";q=600;w=60'),
    "RateLimit": _header("string", "`r` requests remain, for `t` seconds.", '"default";r=412;t=23'),
    "Retry-After": _header("string", "Seconds to wait before trying again.", "5"),
    "Location": _header(
        "string", "Path of what was made or started.", "/api/v1/jobs/job_01J8ZC5QX4T3M6W9K2R7N0B1DG"
    ),
    "ETag": _header("string", "The version read; send it in If-Match to change just that one.", '"3"'),
    "Link": _header(
        "string", "The next page, where there is one.", '</api/v1/datasets?cursor=eyJ2>; rel="next"'
    ),
    "WWW-Authenticate": _header("string", "How to sign in.", "Bearer"),
    "Idempotency-Replayed": _header("string", "`true`: this is the first answer once more.", "true"),
}
ALWAYS = ("X-Request-Id", "API-Version", "RateLimit-Policy", "RateLimit")
PARAMETERS: dict[str, dict[str, Any]] = {
    "IdempotencyKey": {
        "name": "Idempotency-Key",
        "in": "header",
        "required": False,
        "description": "A text of your own, such as a UUID: the same request sent twice within 24 hours is done once.",
        "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[\\x21-\\x7e]+$"},
        "example": "7f1c0c1e-5b0f-4d0e-9a51-0d2f6a1f2b3c",
    },
    "RequestId": {
        "name": "X-Request-Id",
        "in": "header",
        "required": False,
        "description": "Your own id of the request; the answer and our logs repeat it.",
        "schema": {"type": "string", "pattern": "^[A-Za-z0-9._-]{1,64}$"},
        "example": "req-20261121-7",
    },
}
IF_MATCH: dict[str, Any] = {
    "schema": {"type": "string", "pattern": '^(\\*|(W/)?"[0-9]{1,9}")$'},
    "description": "The ETag that reading gave: changed since means 412.",
    "example": '"3"',
}
TEXTS = {
    "text/csv": "order_id,amount,country\no-1,43.5,de\no-2,9820,de\n",
    "text/tab-separated-values": "order_id\tamount\no-1\t43.5\no-2\t9820\n",
    "application/json": [{"order_id": "o-1", "amount": 43.5}, {"order_id": "o-2", "amount": 9820}],
    "application/x-ndjson": '{"order_id": "o-1", "amount": 43.5}\n{"order_id": "o-2", "amount": 9820}\n',
    "text/plain": 'anomaly_detection_requests_total{endpoint="/api/v1/datasets",method="GET",status="200"} 42\n',
    "text/event-stream": "event: job\ndata: {}\n\n",
}
"""Examples of bodies whose schema says no more than that they are files."""
