"""Detectors, scores and points of a test's tenant over HTTP, with the registry's models."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fastapi.testclient import TestClient

import data_platform.local_wiring
import data_platform.wiring
from anomaly_detection.api import Definitions, Points, Scoring
from anomaly_detection.local_wiring import build
from anomaly_detection.presentation.http.fitting_slots import FittingSlots
from anomaly_detection.presentation.http.routes import ROUTERS
from anomaly_detection.wiring import build_definitions, build_points, build_scoring
from core.application.quota import RateExceeded
from core.domain.actor import Actor
from core.domain.ids import TenantId, new_id
from core.infrastructure.sql import Storage
from people_ops.domain.permissions import Role
from tests.support.api import client_of
from tests.support.fakes import FakeAuditLog, FakeCutOffs
from tests.support.registry import Desk, desk_on, person


@dataclass
class FakeScored:
    """``CountScored`` with a limit; ``is_due``: it has to write first."""

    limit: int = 100_000
    used: int = 0
    is_due: bool = False

    def __call__(self, tenant_id: TenantId, rows: int) -> None:
        if self.used + rows > self.limit:
            raise RateExceeded("So many rows are scored today.", limit=self.limit, retry_after=60)
        self.used += rows

    def at_once(self, tenant_id: TenantId, rows: int) -> bool:
        if self.is_due or self.used + rows > self.limit:
            return False
        self.used += rows
        return True


@dataclass
class ScoringDesk:
    """``ana`` administers the tenant, ``vera`` may only look, ``bob`` administers another tenant."""

    desk: Desk
    client: TestClient
    counted: FakeScored

    def send(self, method: str, path: str, *, who: str = "ana", **rest: Any) -> Any:
        headers = {"Authorization": f"Bearer {who}"} | rest.pop("headers", {})
        return self.client.request(method, f"/api/v1{path}", headers=headers, **rest)

    @property
    def audited(self) -> list[str]:
        """Actions on this context's objects."""
        log = self.desk.storage.audit_log
        assert isinstance(log, FakeAuditLog)
        return [action for action in log.actions if not action.startswith(("model", "training"))]


def scoring_on(storage: Storage, folder: Path) -> ScoringDesk:
    desk = desk_on(storage, folder)
    detection = build(data_platform.local_wiring.build())
    definitions = build_definitions(storage, desk.datasets)
    counted = FakeScored()
    scoring = build_scoring(
        detection,
        definitions,
        desk.datasets,
        models=desk.registry.detectors,
        count=counted,
        cut_offs=FakeCutOffs(),
    )
    services: dict[type, Any] = {
        Definitions: definitions,
        Scoring: scoring,
        Points: build_points(storage, scoring),
        FittingSlots: FittingSlots(),
    }
    return ScoringDesk(desk, client_of(ROUTERS, services, actors(desk.ana)), counted)


def actors(ana: Actor) -> dict[str, Actor]:
    return {
        "ana": ana,
        "vera": person(ana.tenant_id, Role.VIEWER),
        "bob": person(TenantId(new_id()), Role.TENANT_ADMIN),
    }
