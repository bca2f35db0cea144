"""The ways in on a real database, with stand-ins for what the rest of people_ops makes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from cryptography.fernet import Fernet
from fastapi.testclient import TestClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from core.domain.actor import Actor
from core.domain.errors import Invalid, TooMany
from core.domain.ids import TenantId, UserId, new_id
from core.infrastructure.database import Purpose
from core.infrastructure.encryption import Cipher
from core.infrastructure.jobs import jobs
from core.infrastructure.sql import Storage
from people_ops.application.mail import Mail
from people_ops.application.ports import Tokens
from people_ops.application.ways_in_bundle import WaysIn
from people_ops.domain.permissions import ALL, PERMISSIONS, READ, Role
from people_ops.domain.user import Membership, User
from people_ops.infrastructure.mail import SealedMails
from people_ops.infrastructure.tables import users
from people_ops.infrastructure.ways_in import Neighbours, build_ways_in
from people_ops.presentation import invitations_http, oidc_http, totp_http
from people_ops.presentation.consumers import mail_handlers
from tests.support.api import client_of
from tests.support.fakes import FakeJobControl

ROUTERS = (
    invitations_http.router,
    invitations_http.auth_router,
    totp_http.router,
    oidc_http.router,
    oidc_http.start_router,
    oidc_http.callback_router,
)
PUBLIC_URL = "http://testserver"


class ShortPassword(Invalid):
    title = "Too short"


class TooManyAttempts(TooMany):
    title = "Too many attempts"


class FakePasswords:
    def check(self, password: str) -> None:
        if len(password) < 10:
            raise ShortPassword("It needs 10 characters.")

    def hash(self, password: str) -> str:
        return f"hashed:{password}"

    def verify(self, password: str, stored: str) -> bool:
        return stored == f"hashed:{password}"

    def is_outdated(self, stored: str) -> bool:
        return False


@dataclass
class FakeAttempts:
    """Admits ``limit`` of each subject."""

    limit: int = 1000
    subjects: list[str] = field(default_factory=list)

    def admit(self, subject: str, *, told: Sequence[Actor] = ()) -> None:
        self.subjects.append(subject)
        if self.subjects.count(subject) > self.limit:
            raise TooManyAttempts("Wait.", retry_after=60)

    def give_back(self, subject: str) -> None:
        self.subjects.remove(subject)

    def forget(self, subject: str) -> None:
        self.subjects = [each for each in self.subjects if each != subject]


@dataclass
class FakeMailer:
    sent: list[Mail] = field(default_factory=list)

    def send(self, to: str, subject: str, text: str) -> None:
        self.sent.append(Mail(to, subject, text))

    @property
    def token(self) -> str:
        """Of the link in the last mail."""
        [link] = [line for line in self.sent[-1].text.splitlines() if line.startswith(PUBLIC_URL)]
        return link.rpartition("/")[2]


def role_permissions(session: Session, tenant_id: TenantId, roles: Sequence[str]) -> frozenset[str]:
    return frozenset().union(*(PERMISSIONS[Role(role)] for role in roles))


@dataclass
class Door:
    """One tenant with an administrator and a viewer, and every way in."""

    storage: Storage
    tenant_id: TenantId = field(default_factory=lambda: TenantId(new_id()))
    mailer: FakeMailer = field(default_factory=FakeMailer)
    attempts: FakeAttempts = field(default_factory=FakeAttempts)
    ended: list[UserId] = field(default_factory=list)
    cipher: Cipher = field(default_factory=lambda: Cipher.of_keys(Fernet.generate_key().decode()))

    def __post_init__(self) -> None:
        self.ways_in: WaysIn = build_ways_in(
            self.storage,
            self.cipher,
            self.mailer,
            public_url=PUBLIC_URL,
            provider_networks=("127.0.0.0/8",),
            neighbours=Neighbours(
                passwords=FakePasswords(),
                attempts=self.attempts,
                start_session=self.start_session,
                role_permissions=role_permissions,
                end_sessions=lambda session, user_id: self.ended.append(user_id),
                tenant_of_slug={"acme": self.tenant_id}.get,
                name_of_tenant=lambda tenant_id: ("acme", "Acme"),
                is_one_tenant=lambda: False,
            ),
        )

    def start_session(self, actor: Actor, user_id: UserId) -> Tokens:
        return Tokens(access_token=f"{user_id}@{actor.tenant_id}", expires_in=900, refresh_token="r")

    def access_token(self, user: User) -> str:
        return f"{user.id}@{self.tenant_id}"

    def client(self, **actors: Actor) -> TestClient:
        admin = Actor(tenant_id=self.tenant_id, permissions=ALL, user_id=UserId(new_id()))
        viewer = Actor(tenant_id=self.tenant_id, permissions=READ, user_id=UserId(new_id()))
        other = Actor(tenant_id=TenantId(new_id()), permissions=ALL, user_id=UserId(new_id()))
        known = {"admin": admin, "viewer": viewer, "other": other} | actors
        return client_of(ROUTERS, {WaysIn: self.ways_in}, known)

    def person(self, email: str, *, password: str = "a good password", member: bool = True) -> User:  # noqa: S107 - of a test
        user = User(
            id=UserId(new_id()),
            email=email,
            name="Someone",
            password_hash=f"hashed:{password}" if password else "",
            created_at=self.storage.clock(),
        )
        with self.storage.database.system_transaction(Purpose.OPERATOR) as session:
            session.add(user)
            session.flush()
            if member:
                session.add(self.membership(user.id))
        return user

    def membership(self, user_id: UserId) -> Membership:
        return Membership(
            user_id=user_id, tenant_id=self.tenant_id, roles=["viewer"], created_at=self.storage.clock()
        )

    def user(self, email: str) -> User | None:
        with self.storage.database.as_system(Purpose.OPERATOR) as session:
            return session.scalar(select(User).where(users.c.email == email))

    def roles(self, user: User, tenant_id: TenantId) -> list[str]:
        with self.storage.database.as_system(Purpose.OPERATOR) as session:
            found = session.get(Membership, (user.id, tenant_id))
            return found.roles if found else []

    def work(self) -> None:
        """Does every job there is, and those they ask for."""
        handlers, done = mail_handlers(self.ways_in), set()
        while todo := [row for row in self.stored_jobs() if row.id not in done]:
            for row in todo:
                handlers[row.kind](Actor(tenant_id=row.tenant_id), row.payload, FakeJobControl())
                done.add(row.id)
        with self.storage.database.system_transaction(Purpose.JOBS) as session:
            session.execute(jobs.delete())

    def stored_jobs(self) -> Sequence[Any]:
        with self.storage.database.as_system(Purpose.JOBS) as session:
            return session.execute(select(jobs.c.id, jobs.c.tenant_id, jobs.c.kind, jobs.c.payload)).all()

    def opened(self, payload: Mapping[str, Any]) -> Mail:
        return SealedMails(self.cipher).open(payload)


def as_(name: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {name}"}
