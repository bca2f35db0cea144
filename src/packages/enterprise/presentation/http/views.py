"""Bodies of requests and responses."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from core.application.quota import Quota
from core.presentation.http import Name, Slug
from core.presentation.ids import public_id
from enterprise.application.ports import AuditView
from enterprise.domain.plan import Plan
from enterprise.domain.tenant import MOST_DAYS, Kept, TenantState
from enterprise.presentation.object_ids import object_id

TENANT: dict[str, Any] = {
    "id": "ten_01K8Z4V0Q6T9M3W5C2R7N0B1DG",
    "slug": "acme",
    "name": "Acme",
    "plan": "team",
    "state": "active",
    "quotas": {"models": 100, "users": 50},
    "retention_days": {"results": 365},
    "cut_offs": [0.5, 0.8, 0.9, 0.95],
    "created_at": "2026-07-01T12:00:00Z",
    "version": 1,
}
Days = Annotated[int, Field(ge=1, le=MOST_DAYS)]
Limit = Annotated[int, Field(ge=0, le=10**15)]
Share = Annotated[float, Field(gt=0, lt=1)]


class TenantOut(BaseModel):
    model_config = ConfigDict(json_schema_extra={"examples": [TENANT]})
    id: Annotated[UUID, public_id("ten")]
    slug: str
    name: str
    plan: Plan
    state: TenantState
    quotas: dict[Quota, int | None] = Field(description="Null: unlimited.")
    retention_days: dict[Kept, int]
    cut_offs: list[float] = Field(description="Where low, medium, high and critical begin.")
    created_at: datetime
    version: int


class CutOffs(BaseModel):
    model_config = ConfigDict(extra="forbid")
    low: Share
    high: Share
    critical: Share


class SettingsChange(BaseModel):
    """What is left out stays as it is."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"retention_days": {"results": 180}}]}
    )
    name: Name | None = Field(default=None, max_length=120)
    retention_days: dict[Kept, Days] | None = None
    cut_offs: CutOffs | None = None


class NewTenant(BaseModel):
    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"slug": "acme", "name": "Acme", "plan": "team"}]}
    )
    slug: Slug
    name: Name | None = Field(default=None, max_length=120)
    plan: Plan = Plan.FREE


class TenantChange(BaseModel):
    """What is left out stays as it is; a quota of null is unlimited."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"plan": "team", "quotas": {"models": 200}}]}
    )
    name: Name | None = Field(default=None, max_length=120)
    plan: Plan | None = None
    quotas: dict[Quota, Limit | None] | None = None


class UsageOut(BaseModel):
    quota: Quota
    limit: int | None = Field(description="Null: unlimited.")
    used: int
    reset: datetime | None = Field(description="Null: held until it is given back.")


class UsagesOut(BaseModel):
    items: list[UsageOut]


class JobStarted(BaseModel):
    model_config = ConfigDict(json_schema_extra={"examples": [{"job_id": "job_01K8Z4V0Q6T9M3W5C2R7N0B1DG"}]})
    job_id: Annotated[UUID, public_id("job")]


class AuditOut(BaseModel):
    number: int
    at: datetime
    action: str
    object_id: str | None
    before: Any
    after: Any
    user_id: Annotated[UUID, public_id("usr")] | None
    key_id: Annotated[UUID, public_id("key")] | None
    request_id: str
    address: str | None = Field(description="Null: none was known, or it was erased.")
    email: str | None = Field(description="Of who acted, or as typed at a log-in that failed.")
    name: str | None = Field(description="Of who acted, as it is now; null where they have none, or left.")
    hash: str

    @classmethod
    def of(cls, view: AuditView) -> "AuditOut":
        values = {name: getattr(view, name) for name in AuditView.__dataclass_fields__}
        return cls(**values | {"object_id": object_id(view)})


class VerificationOut(BaseModel):
    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"whole": True, "checked": 812, "number": 812, "hash": "9f…", "broken_at": None, "reason": ""}
            ]
        }
    )
    whole: bool
    checked: int
    number: int = Field(description="Of the last entry that is as it was written.")
    hash: str
    broken_at: int | None
    reason: str
