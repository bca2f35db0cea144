"""What the ways into a tenant need from the rest: transactions, tokens, sessions."""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from core.application.uow import UnitOfWork
from core.domain.actor import Actor
from core.domain.ids import TenantId, UserId
from people_ops.application.ports import Tokens
from people_ops.domain.invitation import Invitation, InvitationId
from people_ops.domain.password_reset import PasswordReset
from people_ops.domain.single_sign_on import SingleSignOn
from people_ops.domain.user import Membership, User


class TenantWaysIn(UnitOfWork, Protocol):
    """A transaction of a tenant's administrator."""

    def invitation(self, invitation_id: InvitationId) -> Invitation:
        """Raises NoSuchInvitation."""

    def open_invitation_for(self, email: str) -> Invitation | None: ...
    def count_open_invitations(self) -> int: ...
    def is_member(self, email: str) -> bool: ...
    def permissions_of(self, roles: Sequence[str]) -> frozenset[str]:
        """Of all of them together. Raises NoSuchRole."""

    def single_sign_on(self) -> SingleSignOn | None: ...
    def add(self, aggregate: Any) -> None: ...
    def delete_single_sign_on(self) -> bool: ...


class SystemWaysIn(UnitOfWork, Protocol):
    """A transaction for somebody who belongs to no tenant yet; what it audits and charges is the actor's tenant's."""

    def user(self, user_id: UserId) -> User | None: ...
    def user_of_email(self, email: str) -> User | None: ...
    def membership(self, user_id: UserId) -> Membership | None:
        """In the actor's tenant."""

    def own_roles(self) -> Mapping[str, Sequence[str]]:
        """The tenant's own: permissions by name."""

    def invitation_of_token(self, token_hash: str) -> Invitation | None: ...
    def reset_of_token(self, token_hash: str) -> PasswordReset | None: ...
    def withdraw_resets(self, user_id: UserId) -> None: ...
    def end_sessions(self, user_id: UserId) -> None:
        """In every tenant."""

    def identity(self, issuer: str, subject: str) -> UserId | None: ...
    def add_identity(self, issuer: str, subject: str, user_id: UserId) -> None: ...
    def single_sign_on(self) -> SingleSignOn | None: ...
    def add_row(self, row: User | Membership | PasswordReset) -> None: ...


class SystemLookups(Protocol):
    """What is asked before a transaction can be opened."""

    def tenant_of_invitation(self, token_hash: str) -> TenantId | None: ...
    def invitation(self, token_hash: str) -> Invitation | None: ...
    def reset(self, token_hash: str) -> PasswordReset | None: ...
    def has_password(self, email: str) -> bool: ...
    def password_hash(self, user_id: UserId) -> str:
        """Empty where there is none."""


class NewTokens(Protocol):
    def __call__(self) -> str:
        """A random token for a link: 256 bits, safe in a URL."""


class StartSession(Protocol):
    def __call__(self, actor: Actor, user_id: UserId) -> Tokens:
        """A session of that user in the actor's tenant; gives its tokens. Raises Unauthenticated, Forbidden."""
