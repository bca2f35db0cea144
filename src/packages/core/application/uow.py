"""The transaction boundary as use cases see it."""

from collections.abc import Mapping
from types import TracebackType
from typing import Protocol, Self
from uuid import UUID

from core.application.quota import Quota
from core.domain.ids import JobId


class UnitOfWork(Protocol):
    """Leaving the block without ``commit()`` rolls back."""

    def __enter__(self) -> Self: ...
    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None: ...

    def audit(
        self,
        action: str,
        object_id: UUID | None = None,
        *,
        before: Mapping[str, object] | None = None,
        after: Mapping[str, object] | None = None,
    ) -> None:
        """Put an entry in the tenant's audit log, with the transaction or not at all.

        ``action`` is ``resource.verb_in_past_tense``: ``dataset.created``. ``before`` and ``after`` hold JSON values:
        ids, names of things and numbers; never secrets, people's names, e-mails or addresses.
        """

    def charge(self, quota: Quota, amount: int) -> None:
        """Use so much of the tenant's quota, with the transaction or not at all. Raises QuotaExceeded, RateExceeded."""

    def enqueue(
        self,
        kind: str,
        payload: Mapping[str, object],
        *,
        subject_id: UUID | None = None,
        max_attempts: int = 3,
    ) -> JobId:
        """Ask for a job of that kind once the transaction is stored.

        ``payload`` holds JSON values; ``subject_id`` is what the job is about (a run, a dataset version), to find it by.
        """

    def commit(self) -> None:
        """Raises Duplicate (a unique clash), Stale (someone else changed the row) and LostClaim."""
