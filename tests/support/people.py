"""people_ops as it is wired, on one tenant and the platform, with real tokens, audit chains and a clock of the test's."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from cryptography.fernet import Fernet
from fastapi import FastAPI
from fastapi.testclient import TestClient
from passlib.totp import TOTP
from sqlalchemy import select

from core.domain.actor import Actor
from core.domain.ids import PLATFORM, TenantId, UserId
from core.infrastructure.database import Purpose
from core.infrastructure.encryption import Cipher
from core.infrastructure.files import FolderFiles
from core.infrastructure.jobs import jobs
from core.infrastructure.sql import Storage
from core.presentation import problems
from core.presentation.authentication import Authentication
from enterprise import wiring as enterprise_wiring
from enterprise.application.ports import AuditFilter
from people_ops import wiring
from people_ops.api import PeopleOps, WaysIn
from people_ops.application.ports import MemberView, Passwords
from people_ops.domain.user import Membership
from people_ops.infrastructure.passwords import Argon2Passwords
from people_ops.infrastructure.people_sql import member_email, member_names
from people_ops.presentation.consumers import job_handlers
from people_ops.presentation.routes import ROUTERS
from tests.support.fakes import FakeJobControl
from tests.support.ways_in import FakeMailer

AUDIT_KEY = "audit key"
PASSWORD = "correct horse battery"
PASSWORDS = Argon2Passwords(memory_kb=64, time_cost=1, parallelism=1)


@dataclass
class House:
    """One tenant and the platform, and every door to them."""

    storage: Storage
    folder: Path
    seconds: float = 0
    people: PeopleOps = field(init=False)

    def __post_init__(self) -> None:
        self.enterprise = enterprise_wiring.build_service(
            self.storage,
            FolderFiles(self.folder),
            AUDIT_KEY,
            email_of=member_email,
            names_of=member_names,
            seconds=self.tick,
        )
        self.enterprise.ensure_platform()
        self.acme = self.tenant("acme")
        cipher = Cipher.of_keys(Fernet.generate_key().decode())
        sign_in = wiring.SignIn(
            jwt_keys=("k" * 40, "old" * 12),
            public_url="http://testserver",
            provider_networks=("127.0.0.0/8",),
        )
        self.people = wiring.build_service(
            self.storage,
            self.enterprise,
            cipher,
            FakeMailer(),
            sign_in=sign_in,
            passwords=PASSWORDS,
            seconds=self.tick,
        )
        self.app = app = FastAPI()
        app.state.services = {PeopleOps: self.people, WaysIn: self.people.ways_in}
        problems.install(app)
        app.add_middleware(Authentication, authenticator=self.people.authenticator)
        for router in ROUTERS:
            app.include_router(router, prefix="/api/v1")
        self.client = TestClient(app, raise_server_exceptions=False)

    def use_passwords(self, passwords: Passwords) -> None:
        """At log-in."""
        log_in = replace(self.people.log_in, passwords=passwords)
        self.app.state.services[PeopleOps] = replace(self.people, log_in=log_in)

    def tick(self) -> float:
        """Nothing is remembered between two requests."""
        self.seconds += 2
        return self.seconds

    def tenant(self, slug: str) -> TenantId:
        self.enterprise.create_tenant(Actor(tenant_id=PLATFORM), slug=slug)
        return self.tenant_of(slug)

    def tenant_of(self, slug: str) -> TenantId:
        found = self.enterprise.tenants.named(slug)
        assert found
        return found.id

    def person(self, email: str, *roles: str, tenant_id: TenantId | None = None) -> UserId:
        console = Actor(tenant_id=tenant_id or self.acme)
        return self.people.add_member(console, email=email, name="Someone", password=PASSWORD, roles=roles)

    def join(self, user_id: UserId, *roles: str, tenant_id: TenantId) -> None:
        with self.storage.database.system_transaction(Purpose.OPERATOR) as session:
            member = Membership(
                user_id=user_id, tenant_id=tenant_id, roles=list(roles), created_at=self.storage.clock()
            )
            session.add(member)

    def log_in(self, email: str, password: str = PASSWORD, **more: str) -> Any:
        form = {"username": email, "password": password} | more
        return self.client.post("/api/v1/auth/token", data=form)

    def signed_in(self, email: str, **more: str) -> dict[str, str]:
        return bearer(self.log_in(email, **more).json()["access_token"])

    def ask(self, method: str, path: str, headers: dict[str, str] | None = None, **more: Any) -> Any:
        return self.client.request(method, f"/api/v1{path}", headers=headers, **more)

    def members(self) -> list[MemberView]:
        return list(self.people.queries.members(self.acme, limit=100, cursor=None).items)

    def user_id(self, email: str) -> UserId:
        return self.people.queries.member_of_email(self.acme, email).id

    def second_factor(self, email: str) -> "Phone":
        """Enrolled and confirmed; the code that it shows now is used up."""
        actor = Actor(tenant_id=self.acme, user_id=self.user_id(email))
        made = self.people.ways_in.enrol_second_factor(actor, password=PASSWORD)
        phone = Phone(made.secret, self.storage.clock)
        self.people.ways_in.confirm_second_factor(actor, code=phone.code())
        return phone

    def work(self) -> None:
        """Does the jobs that were asked for, and forgets them."""
        handlers = job_handlers(self.people)
        with self.storage.database.system_transaction(Purpose.JOBS) as session:
            todo = session.execute(select(jobs)).all()
            session.execute(jobs.delete())
        for row in todo:
            handlers[row.kind](Actor(tenant_id=row.tenant_id), row.payload, FakeJobControl())

    def audited(self, tenant_id: TenantId | None = None) -> list[str]:
        return [each.action for each in self.enterprise.audit.all(tenant_id or self.acme, AuditFilter())]


class Phone:
    """An authenticator app."""

    def __init__(self, secret: str, clock: Callable[[], datetime]) -> None:
        self.totp, self.clock = TOTP(key=secret, format="base32"), clock

    def code(self, seconds: int = 0) -> str:
        return str(self.totp.generate(self.clock() + timedelta(seconds=seconds)).token)


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}
