"""One of everything a tenant can own, made through the API, with the ids it has."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from people_ops.domain.permissions import Role
from tests.support.tenants import Person, Town

ROWS = b"pump,flow,heat,label\n" + b"".join(
    b"p%d,%d.5,%d,%d\n" % (i, 20 + i % 7, 60 + i % 5, i % 20 == 0) for i in range(40)
)


@dataclass(frozen=True, slots=True)
class Belongings:
    """``ids`` by what paths call them; ``marker`` is in the names of all that can be named."""

    owner: Person
    marker: str
    ids: Mapping[str, str]


def made(answer: Any, *path: str) -> str:
    """The id in an answer that must have succeeded."""
    assert answer.status_code < 300, f"{answer.status_code} {answer.text}"
    found = answer.json()
    for step in path or ("id",):
        assert step in found, found
        found = found[step]
    return str(found)


def belongings(town: Town, slug: str) -> Belongings:
    marker = f"secret{uuid4().hex[:8]}"
    owner = town.person(slug, Role.TENANT_ADMIN)
    colleague = town.person(slug, Role.VIEWER, email=f"{marker}@{slug}.example")
    role = made(owner("POST", "/roles", json={"name": marker, "permissions": ["datasets:read"]}))
    dataset = made(owner("POST", "/datasets", json={"name": marker}))
    upload = {"content": ROWS, "headers": {"Content-Type": "text/csv"}}
    version = made(owner("POST", f"/datasets/{dataset}/versions", **upload))
    training = made(owner("POST", "/train", json={"dataset": dataset, "name": marker, "algorithm": "hbos"}))
    run = made(owner("POST", "/runs", json={"dataset": dataset, "algorithm": "hbos"}))
    exported = made(owner("POST", "/tenant/exports"), "job_id")
    town.work()
    exported = owner("GET", f"/jobs/{exported}").json()["result"]
    model = owner("GET", "/models").json()["items"][0]["id"]
    evaluated = owner("POST", f"/models/{model}/versions/1/evaluations", json={"dataset": dataset})
    database = {"name": marker, "url": "postgresql://reader:pw@9.9.9.9/shop", "query": "SELECT 1"}
    town.work()
    invited = {"email": f"new-{marker}@example.org", "roles": ["viewer"]}
    verdict = {"verdict": "true", "note": marker}
    assert owner("PUT", f"/runs/{run}/rows/3/label", json=verdict).status_code < 300
    labelled = {"labels": [{"run": run, "row": 4, "verdict": "true"}]}
    once = {"Idempotency-Key": marker}
    point = {"model": marker}
    assert owner("PUT", f"/point-sources/{marker}/model", json=point).status_code < 300
    ids = {
        "tenant": slug,
        "run": run,
        "batch": made(owner("POST", "/label-batches", json=labelled, headers=once)),
        "source_id": marker,
        "member": owner("GET", "/members").json()["items"][0]["id"],
        "session": colleague("GET", "/auth/sessions").json()["items"][0]["id"],
        "role": role,
        "key": made(owner("POST", "/keys", json={"name": marker, "scopes": ["read"]})),
        "invitation": made(owner("POST", "/members/invitations", json=invited)),
        "dataset": dataset,
        "version": version,
        "detector": made(owner("POST", "/detectors", json={"name": marker, "algorithm": "hbos"})),
        "source": made(owner("POST", "/sources", json=database)),
        "training-run": training,
        "model": model,
        "evaluation": made(evaluated),
        "export": str(exported["export_id"]),
        "job": owner("GET", "/jobs").json()["items"][0]["id"],
    }
    town.work()
    return Belongings(owner, marker, ids)
