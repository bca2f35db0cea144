"""Labels of a test's tenant over HTTP, on runs that are stored without having run."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from fastapi.testclient import TestClient
from sqlalchemy import insert

from anomaly_detection.api import Labels
from anomaly_detection.domain.definitions.detector_definition import DetectorDefinition
from anomaly_detection.domain.ids import DetectorId, RunId
from anomaly_detection.domain.runs.run import Run
from anomaly_detection.infrastructure.runs.tables import anomalies
from anomaly_detection.presentation.http import labels
from anomaly_detection.wiring import build_labels
from core.domain.actor import Actor
from core.domain.ids import TenantId, new_id
from core.domain.public_ids import shown
from core.infrastructure.sql import Storage
from people_ops.domain.permissions import Role
from tests.support.api import client_of
from tests.support.registry import person

ALERT_RATE = 0.1
RARITIES = (0.001, 0.05, 0.1, 0.12, 0.5)  # of the stored rows 0 to 4: the first three are flagged


@dataclass
class LabellingDesk:
    """``ana`` administers the tenant, ``eva`` labels, ``vera`` may only look, ``bob`` administers another tenant."""

    storage: Storage
    labels: Labels
    client: TestClient
    ana: Actor
    bob: Actor
    deleted: set[UUID]  # datasets

    def send(self, method: str, path: str, *, who: str = "ana", **rest: Any) -> Any:
        headers = {"Authorization": f"Bearer {who}"} | rest.pop("headers", {})
        return self.client.request(method, f"/api/v1{path}", headers=headers, **rest)

    def label(self, run: str, row: int, verdict: str = "true", **rest: Any) -> Any:
        return self.send("PUT", f"/runs/{run}/rows/{row}/label", json={"verdict": verdict}, **rest)

    def stored_run(self, *, rows: int = 10, is_finished: bool = True, **of: Any) -> str:
        """The id of a run of ``ana``'s over a dataset version of its own, unless ``of`` says otherwise."""
        run = self._run(rows, is_finished, of)
        with self.storage.database.of_tenant(run.tenant_id, write=True) as session:
            session.add(run)
            session.flush()
            for row, p in enumerate(RARITIES):
                session.execute(insert(anomalies).values(_anomaly(run, row, p)))
            session.commit()
            return shown("run", run.id)

    def stored_detector(self) -> DetectorId:
        detector = DetectorDefinition(
            id=DetectorId(new_id()),
            tenant_id=self.ana.tenant_id,
            slug="orders",
            name="Orders",
            created_at=self.storage.clock(),
        )
        with self.storage.database.of_tenant(detector.tenant_id, write=True) as session:
            session.add(detector)
            session.commit()
            return detector.id

    def _run(self, rows: int, is_finished: bool, of: Mapping[str, Any]) -> Run:
        now = self.storage.clock()
        values: dict[str, Any] = {
            "tenant_id": self.ana.tenant_id,
            "dataset_id": new_id(),
            "dataset_version_id": new_id(),
            "dataset_slug": "orders",
            "dataset_number": 1,
            "algorithm": "hbos",
            "created_at": now,
        }
        if is_finished:
            values |= {"rows": rows, "alert_rate": ALERT_RATE, "finished_at": now}
        return Run(id=RunId(new_id()), **values | dict(of))


def _anomaly(run: Run, row: int, p: float) -> dict[str, Any]:
    return {
        "run_id": run.id,
        "row": row,
        "tenant_id": run.tenant_id,
        "raw_score": -p,
        "tail_probability": p,
        "row_id": "",
        "reason": "amount 9,820 is far above its usual 40-310",
        "contributions": {"amount": 1.0},
        "cells": {"amount": 9820.0},
    }


def labelling_on(storage: Storage) -> LabellingDesk:
    ana, bob = (person(TenantId(new_id()), Role.TENANT_ADMIN) for _ in range(2))
    others = {"vera": person(ana.tenant_id, Role.VIEWER), "eva": person(ana.tenant_id, Role.ANALYST)}
    actors = {"ana": ana, "bob": bob} | others
    deleted: set[UUID] = set()
    bundle = build_labels(storage, lambda _, ids: set(ids) - deleted)
    client = client_of([labels.router], {Labels: bundle}, actors)
    return LabellingDesk(storage, bundle, client, ana, bob, deleted)
