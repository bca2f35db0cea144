"""What log-in, sessions, keys, members and roles need; the views that reads answer with."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from core.application.uow import UnitOfWork
from core.domain.actor import Actor
from core.domain.ids import KeyId, TenantId, UserId
from core.domain.page import Counting, Page
from enterprise.api import UsageView
from people_ops.domain.api_key import ApiKey
from people_ops.domain.role import CustomRole, RoleId
from people_ops.domain.session import Session, SessionId
from people_ops.domain.user import Membership, User


class SecondFactor(Protocol):
    def verify(self, user: User, otp: str) -> bool: ...


class Passwords(Protocol):
    def check(self, password: str) -> None:
        """Raises PasswordRefused."""

    def hash(self, password: str) -> str: ...
    def verify(self, password: str, stored: str) -> bool:
        """False where nothing is stored, after the same work."""

    def is_outdated(self, stored: str) -> bool: ...


class Attempts(Protocol):
    """The guard against guessing and flooding."""

    def admit(self, subject: str, *, told: Sequence[Actor] = ()) -> None:
        """Counts one attempt; ``told`` are those whose tenants hear of a lockout. Raises TooMany."""

    def give_back(self, subject: str) -> None:
        """One attempt, that was right."""

    def forget(self, subject: str) -> None: ...


class IssueToken(Protocol):
    def __call__(self, session: Session) -> str: ...


class LogInUnitOfWork(UnitOfWork, Protocol):
    """Past row level security: a person belongs to no tenant. What it audits is the actor's tenant's."""

    def user(self, user_id: UserId) -> User | None: ...
    def membership(self, user_id: UserId) -> Membership | None: ...
    def add_session(self, session: Session) -> None: ...
    def session_of(self, session_id: SessionId) -> Session | None:
        """Locked."""

    def add_refresh_token(self, session: Session, token_hash: str) -> None: ...
    def use_refresh_token(self, token_hash: str) -> bool:
        """False where it was used before: of two at once one gets True."""

    def end_sessions(self, user_id: UserId, *, but: SessionId | None = None) -> None:
        """In every tenant."""

    def end_impersonations(self, user_id: UserId) -> Sequence[SessionId]:
        """Those that go on in the actor's tenant."""


@dataclass(frozen=True, slots=True)
class Person:
    """Whom an e-mail belongs to, and the tenants they may log in to: slug by id."""

    user: User
    tenants: Mapping[TenantId, str]

    def seen_from(self, caller: Actor) -> list[Actor]:
        """Themselves in each of their tenants, where ``caller`` is."""
        return [
            Actor(
                tenant_id=tenant_id,
                user_id=self.user.id,
                address=caller.address,
                request_id=caller.request_id,
            )
            for tenant_id in self.tenants
        ]


class LogInLookups(Protocol):
    def person(self, email: str) -> Person | None: ...
    def session_of_refresh_token(self, token_hash: str) -> Session | None: ...


class PeopleUnitOfWork(UnitOfWork, Protocol):
    """A transaction of a tenant's administrator."""

    def add(self, aggregate: Any) -> None: ...
    def delete(self, aggregate: Any) -> None: ...
    def key(self, key_id: KeyId) -> ApiKey:
        """Raises NoSuchKey."""

    def lock_members(self) -> Sequence[Membership]:
        """All of the tenant's: whoever counts administrators counts alone."""

    def role(self, role_id: RoleId) -> CustomRole:
        """Raises RoleNotFound."""

    def own_roles(self) -> Mapping[str, Sequence[str]]:
        """Permissions by name."""

    def end_sessions(self, user_id: UserId) -> None:
        """Of that user in this tenant."""


class PersonTraces(Protocol):
    """What is stored of a person beside audit logs."""

    def last_email(self, user_id: UserId) -> str:
        """Empty while a tenant has them as a member."""

    def erase(self, tenant_id: TenantId, user_id: UserId) -> None:
        """What the tenant keeps; all there is where no tenant has them as a member."""


class Sweep(Protocol):
    def __call__(self, now: datetime) -> Mapping[str, int]:
        """Deletes what has ended: sessions, used refresh tokens, lockouts, invitations, resets; how many, by table."""


class ForgetInAudit(Protocol):
    def __call__(self, actor: Actor, user_id: UserId, *, email: str = "") -> int: ...


@dataclass(frozen=True, slots=True)
class Tokens:
    access_token: str = field(repr=False)
    expires_in: int
    refresh_token: str = field(repr=False)
    token_type: str = "bearer"  # noqa: S105 - OAuth2's name

    def keys(self) -> Sequence[str]:
        return ("access_token", "token_type", "expires_in", "refresh_token")

    def __getitem__(self, name: str) -> Any:
        return getattr(self, name)


@dataclass(frozen=True, slots=True)
class SessionView:
    id: SessionId
    created_at: datetime
    last_used_at: datetime
    address: str
    agent: str


@dataclass(frozen=True, slots=True)
class KeyView:
    id: KeyId
    name: str
    start: str
    scopes: Sequence[str]
    created_by: UserId | None
    created_at: datetime
    expires_at: datetime
    last_used_at: datetime | None
    revoked_at: datetime | None


@dataclass(frozen=True, slots=True)
class MemberView:
    id: UserId
    email: str
    name: str
    roles: Sequence[str]
    disabled_at: datetime | None
    created_at: datetime
    last_login_at: datetime | None
    second_factor: bool
    version: int


@dataclass(frozen=True, slots=True)
class RoleView:
    id: RoleId | None  # None: it comes with the product
    name: str
    permissions: Sequence[str]
    version: int


@dataclass(frozen=True, slots=True)
class TenantLimits:
    """Requests per minute: of the whole tenant (None: unlimited), and of one API key or session."""

    requests_per_minute: int | None
    key_requests_per_minute: int
    quotas: Sequence[UsageView]


@dataclass(frozen=True, slots=True)
class PeopleFilter:
    """Empty: all. ``search`` is a part of a name or an e-mail, ``role`` is one that members have."""

    search: str = ""
    state: str = ""
    role: str = ""


EVERYTHING = PeopleFilter()


class PeopleQueries(Protocol):
    def member(self, tenant_id: TenantId, user_id: UserId) -> MemberView:
        """Raises NoSuchMember."""

    def member_of_email(self, tenant_id: TenantId, email: str) -> MemberView:
        """Raises NoSuchMember."""

    def members(
        self,
        tenant_id: TenantId,
        wanted: PeopleFilter = EVERYTHING,
        *,
        sort: str = "",
        limit: int,
        cursor: str | None,
        count: Counting | None = None,
    ) -> Page[MemberView]:
        """``state``: active or disabled. Raises InvalidCursor."""

    def keys(
        self,
        tenant_id: TenantId,
        wanted: PeopleFilter = EVERYTHING,
        *,
        sort: str = "-created_at",
        limit: int,
        cursor: str | None,
        count: Counting | None = None,
    ) -> Page[KeyView]:
        """``state``: active, expired or revoked. Raises InvalidCursor."""

    def key(self, tenant_id: TenantId, key_id: KeyId) -> KeyView:
        """Raises NoSuchKey."""

    def roles(self, tenant_id: TenantId) -> Sequence[RoleView]: ...
    def sessions(self, tenant_id: TenantId, user_id: UserId) -> Sequence[SessionView]:
        """That user's in this tenant which have not ended, the newest first."""
