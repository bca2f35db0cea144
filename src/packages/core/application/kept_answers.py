"""Answers that are given again to the same request."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol
from uuid import UUID

from core.domain.errors import Conflict
from core.domain.ids import TenantId


class RequestInFlight(Conflict):
    title = "The same request is being carried out"


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Whose request it is, and how they name it: another caller's key is another key.

    One that has not ended after ``patience`` is taken for lost with the process that carried it out; the answer is given
    again while it is younger than ``kept``.
    """

    tenant_id: TenantId
    caller_id: UUID
    key: str
    endpoint: str  # digest of method and path
    patience: timedelta
    kept: timedelta = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Claim:
    """The right to carry the request out."""

    asked: Asked
    number: UUID


@dataclass(frozen=True, slots=True)
class Answer:
    body_hash: str  # of the request
    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes


class KeptAnswers(Protocol):
    def begin(self, asked: Asked) -> Claim | Answer:
        """The answer, where there is one already. Raises RequestInFlight."""

    def finish(self, claim: Claim, answer: Answer) -> None:
        """Keep it, unless another has taken the claim over."""

    def free(self, claim: Claim) -> None:
        """The request may be sent again."""
