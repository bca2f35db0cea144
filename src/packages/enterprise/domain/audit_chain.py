"""A tenant's audit log as a chain: each entry is sealed together with the one before it."""

import hmac
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256
from uuid import UUID

from core.domain.ids import KeyId, TenantId, UserId

GENESIS = "0" * 64


@dataclass(frozen=True, slots=True, kw_only=True)
class ChainedEntry:
    """``before`` and ``after`` are canonical JSON as text: what is sealed is what is stored, to the letter."""

    tenant_id: TenantId
    number: int
    at: datetime
    action: str
    object_id: UUID | None
    before: str | None
    after: str | None
    user_id: UserId | None
    key_id: KeyId | None
    request_id: str
    previous_hash: str
    hash: str = ""


@dataclass(frozen=True, slots=True)
class Head:
    """The newest entry of a chain, remembered beside it."""

    number: int
    hash: str


START = Head(0, GENESIS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkpoint:
    """Entries up to ``number`` were whole when they were deleted, and ended in ``hash``."""

    tenant_id: TenantId
    number: int
    hash: str
    at: datetime
    signature: str = ""


@dataclass(frozen=True, slots=True)
class Verification:
    """``broken_at`` is the number of the first entry that is not as it was written; None: the chain is whole."""

    checked: int
    head: Head
    broken_at: int | None = None
    reason: str = ""

    @property
    def is_whole(self) -> bool:
        return self.broken_at is None


def canonical(value: Mapping[str, object] | None) -> str | None:
    """ASCII, keys sorted, no spaces; ids and times as text."""
    if value is None:
        return None
    return json.dumps(value, sort_keys=True, separators=(",", ":"), default=str, allow_nan=False)


@dataclass(frozen=True, slots=True)
class Seal:
    """HMAC-SHA256 by a key that is not in the database."""

    key: bytes

    def of(self, entry: ChainedEntry) -> ChainedEntry:
        """The entry with its hash."""
        return replace(entry, hash=self._hash(entry))

    def signed(self, checkpoint: Checkpoint) -> Checkpoint:
        return replace(checkpoint, signature=self._signature(checkpoint))

    def verify(
        self, entries: Iterable[ChainedEntry], checkpoint: Checkpoint | None, head: Head | None
    ) -> Verification:
        """``entries`` are all that is stored, by number; ``head`` is what was remembered."""
        last, checked, remembered = START, 0, head or START
        if checkpoint is not None:
            last = Head(checkpoint.number, checkpoint.hash)
            if not hmac.compare_digest(checkpoint.signature, self._signature(checkpoint)):
                return Verification(0, last, checkpoint.number, "the checkpoint was altered")
        for entry in entries:
            if reason := self._flaw(entry, last):
                number = entry.number if entry.number <= last.number else last.number + 1
                return Verification(checked, last, number, reason)
            last, checked = Head(entry.number, entry.hash), checked + 1
        if last.number < remembered.number:
            return Verification(checked, last, last.number + 1, "entries at the end were removed")
        if last != remembered:
            return Verification(checked, last, last.number, "the head is of another chain")
        return Verification(checked, last)

    def _flaw(self, entry: ChainedEntry, last: Head) -> str:
        if entry.number > last.number + 1:
            return "the entry was removed"
        if entry.number != last.number + 1:
            return "the entry belongs to a segment that was closed"
        if entry.previous_hash != last.hash:
            return "the entry does not follow the one before it"
        if not hmac.compare_digest(entry.hash, self._hash(entry)):
            return "the entry was altered"
        return ""

    def _hash(self, entry: ChainedEntry) -> str:
        ids = (entry.tenant_id, entry.object_id, entry.user_id, entry.key_id)
        return self._mac(
            "entry",
            entry.previous_hash,
            entry.number,
            entry.at.isoformat(),
            entry.action,
            *(None if id_ is None else str(id_) for id_ in ids),
            entry.before,
            entry.after,
            entry.request_id,
        )

    def _signature(self, of: Checkpoint) -> str:
        return self._mac("checkpoint", str(of.tenant_id), of.number, of.hash, of.at.isoformat())

    def _mac(self, *parts: str | int | None) -> str:
        return hmac.new(self.key, json.dumps(parts).encode(), sha256).hexdigest()
