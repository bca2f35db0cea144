"""Identifiers that more than one context needs. New ids start inside their own context."""

from typing import NewType
from uuid import UUID

from uuid_utils.compat import uuid7

TenantId = NewType("TenantId", UUID)
UserId = NewType("UserId", UUID)
KeyId = NewType("KeyId", UUID)
JobId = NewType("JobId", UUID)

PLATFORM = TenantId(UUID(int=0))
"""The tenant that operators belong to: its audit chain is the platform's, and it owns no data."""


def new_id() -> UUID:
    """A version 7 UUID (RFC 9562): later ones sort after earlier ones."""
    return uuid7()
