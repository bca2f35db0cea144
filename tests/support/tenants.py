"""The whole service with tenants and people, each signed in as they would be."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest
from fastapi.testclient import TestClient
from httpx2 import Response

from core.domain.actor import Actor
from core.domain.ids import PLATFORM, TenantId, UserId, new_id
from core.infrastructure.database import Purpose
from core.infrastructure.job_claims import JobClaims
from enterprise.api import Enterprise, Plan
from interfaces.bootstrap.database import DatabaseOperations
from interfaces.bootstrap.http import create_app
from interfaces.bootstrap.service import Service, build
from people_ops.domain.permissions import Role
from people_ops.infrastructure.passwords import Argon2Passwords
from people_ops.infrastructure.tables import memberships, users
from tests.support.fakes import FakeJobControl
from tests.support.installations import NewInstallation

PASSWORD = "correct horse battery staple"
CHEAP = Argon2Passwords(memory_kb=1024, time_cost=1, parallelism=1)


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who is signed in to one tenant."""

    client: TestClient
    tenant_id: TenantId
    user_id: UserId
    token: str
    email: str = ""

    def __call__(self, method: str, path: str, **more: Any) -> Response:
        """``more`` as for a TestClient; paths without /api/v1 in front get it."""
        headers = {"Authorization": f"Bearer {self.token}"} | dict(more.pop("headers", {}))
        url = path if path.startswith("/api/") else f"/api/v1{path}"
        found: Response = self.client.request(method, url, headers=headers, **more)
        return found


@dataclass
class Town:
    """A service in this process. Jobs wait until ``work`` is called."""

    service: Service
    client: TestClient
    tenants: dict[str, TenantId] = field(default_factory=dict)

    def tenant(self, slug: str) -> TenantId:
        """Made at its first mention; ``platform`` is the operators'."""
        if slug == "platform":
            return PLATFORM
        if slug not in self.tenants:
            create = self.service.bundles[Enterprise].create_tenant
            self.tenants[slug] = create(Actor(tenant_id=PLATFORM), slug, plan=Plan.ENTERPRISE)
        return self.tenants[slug]

    def person(self, slug: str, *roles: str, email: str = "") -> Person:
        """A new member of the tenant with a password, signed in with it."""
        tenant_id, user_id = self.tenant(slug), UserId(new_id())
        email = email or f"{'-'.join(roles) or 'nobody'}-{user_id.hex[-6:]}@{slug}.example"
        now = self.service.storage.clock()
        row = {
            "id": user_id,
            "email": email,
            "name": "",
            "password_hash": CHEAP.hash(PASSWORD),
            "totp_seed": "",
        }
        member = {"user_id": user_id, "tenant_id": tenant_id, "roles": list(roles)}
        with self.service.storage.database.system_transaction(Purpose.OPERATOR) as session:
            session.execute(users.insert().values(**row, created_at=now, version=1))
            session.execute(memberships.insert().values(**member, created_at=now, version=1))
        return Person(self.client, tenant_id, user_id, self.signed_in(email, slug), email)

    def signed_in(self, email: str, slug: str) -> str:
        form = {"username": email, "password": PASSWORD, "tenant": slug}
        answer = self.client.post("/api/v1/auth/token", data=form)
        assert answer.status_code == 200, answer.text
        token: str = answer.json()["access_token"]
        return token

    def people(self, slug: str) -> Mapping[Role, Person]:
        """One of each role that a tenant has."""
        return {role: self.person(slug, role) for role in Role if role is not Role.OPERATOR}

    def work(self) -> int:
        """Do all jobs that wait, in this process; how many there were. A job that fails fails the test."""
        claims = JobClaims(self.service.storage.database, self.service.storage.clock)
        done = 0
        while waiting := claims.due(0):
            for job_id in waiting:
                job = claims.claim(job_id, "tests")
                assert job is not None
                control = FakeJobControl()
                claims.succeed(job, self.service.job_handlers[job.kind](job.actor(), job.payload, control))
                done += 1
        return done


@pytest.fixture
def town(new_installation: NewInstallation) -> Iterator[Town]:
    settings = new_installation()
    DatabaseOperations(settings).migrate()
    service = build(settings)
    service.bundles[Enterprise].ensure_platform()
    with TestClient(create_app(service), raise_server_exceptions=False) as client:
        yield Town(service, client)
    service.close()
