"""The second half of a log-in in a browser: the code, after the password was proven."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from core.domain.actor import Actor
from core.domain.errors import Unauthenticated
from enterprise.api import SecurityEvents
from people_ops.application.log_in import (
    Proof,
    Proofs,
    StartSession,
    fingerprint,
    record_failure,
    started_in_one,
    subject_of,
)
from people_ops.application.ports import Attempts, LogInLookups, Person, SecondFactor, Tokens
from people_ops.domain.second_factor import WrongCode


class ProofExpired(Unauthenticated):
    title = "That took too long"

    def __init__(self) -> None:
        super().__init__("Your password counts for a few minutes.", fix="Type it again.")


@dataclass(frozen=True, slots=True)
class FinishLogIn:
    """The first of somebody's tenants that is open has the session. Codes are counted as attempts at a password are."""

    lookups: LogInLookups
    attempts: Attempts
    second_factor: SecondFactor
    start_session: StartSession
    events: SecurityEvents
    proofs: Proofs
    clock: Callable[[], datetime]

    def __call__(self, caller: Actor, *, proof: str, otp: str, agent: str = "") -> Tokens:
        """``proof`` is what ``OtpRequired`` gave. Raises ProofExpired, WrongCode, LogInRefused, TenantSuspended, TooMany."""
        proven = self.proofs.opened(proof)
        if proven is None:
            raise ProofExpired
        person, subject = self._still(proven), subject_of(proven.email)
        self.attempts.admit(caller.address)
        self.attempts.admit(subject, told=person.seen_from(caller))
        if person.user.totp_seed and not self.second_factor.verify(person.user, otp):
            record_failure(self.events, caller, proven.email, person, "otp")
            raise WrongCode
        tokens = started_in_one(self.start_session, caller, person, agent=agent)
        self.attempts.give_back(caller.address)
        self.attempts.forget(subject)
        return tokens

    def _still(self, proven: Proof) -> Person:
        """Whom the proof is about, with the password of then. Raises ProofExpired."""
        person = self.lookups.person(proven.email)
        if (
            person is None
            or person.user.disabled_at is not None
            or fingerprint(person.user) != proven.fingerprint
            or self.clock() >= proven.expires_at
        ):
            raise ProofExpired
        return person
