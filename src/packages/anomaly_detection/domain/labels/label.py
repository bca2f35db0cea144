"""A person's verdict on a row of a dataset version: it holds for every run over that version."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from anomaly_detection.domain.ids import RunId
from core.domain.ids import KeyId, TenantId, UserId


class Verdict(StrEnum):
    TRUE = "true"
    FALSE_POSITIVE = "false_positive"
    EXPECTED = "expected"
    BAD_DATA = "bad_data"
    UNSURE = "unsure"


@dataclass(eq=False, kw_only=True)
class Label:
    """The current verdict; earlier ones are in the history."""

    tenant_id: TenantId
    dataset_version_id: UUID
    row: int  # 0-based
    verdict: str
    note: str = ""
    run_id: RunId | None = None  # where it was given
    labelled_at: datetime
    user_id: UserId | None = None
    key_id: KeyId | None = None
    version: int = 1
