from datetime import UTC, datetime

import pytest

from core.application.quota import Quota
from core.domain.errors import Stale
from core.domain.ids import PLATFORM, TenantId, new_id
from enterprise.domain.plan import QUOTAS, Plan
from enterprise.domain.tenant import (
    InvalidCutOffs,
    InvalidRetention,
    Kept,
    NotForThePlatform,
    Tenant,
    TenantIsClosed,
)


def tenant(id_: TenantId | None = None) -> Tenant:
    made = datetime(2026, 7, 1, tzinfo=UTC)
    return Tenant(id=id_ or TenantId(new_id()), slug="acme", name="Acme", plan=Plan.FREE, created_at=made)


def test_every_plan_limits_every_quota() -> None:
    assert all(set(limits) == set(Quota) for limits in QUOTAS.values())


def test_an_override_stands_above_the_plan_and_none_is_unlimited() -> None:
    acme = tenant()
    acme.override({Quota.MODELS: 3, Quota.USERS: None})
    assert (acme.limit(Quota.MODELS), acme.limit(Quota.USERS)) == (3, None)
    assert acme.limit(Quota.ROWS_STORED) == QUOTAS[Plan.FREE][Quota.ROWS_STORED]


@pytest.mark.parametrize("days", [0, -1, 3651])
def test_retention_has_bounds(days: int) -> None:
    with pytest.raises(InvalidRetention):
        tenant().keep_for({Kept.RESULTS: days})


@pytest.mark.parametrize("cuts", [(0.8, 0.9, 0.95), (0.5, 0.8, 0.95), (0.5, 0.9, 1), (0, 0.9, 0.95)])
def test_cut_offs_rise_around_the_flag(cuts: tuple[float, float, float]) -> None:
    with pytest.raises(InvalidCutOffs):
        tenant().cut_severity_at(*cuts)


def test_a_closed_tenant_stays_closed() -> None:
    acme = tenant()
    acme.close()
    acme.close()
    with pytest.raises(TenantIsClosed):
        acme.resume()


def test_the_platform_is_no_ordinary_tenant() -> None:
    with pytest.raises(NotForThePlatform):
        tenant(PLATFORM).close()


def test_another_version_is_refused() -> None:
    with pytest.raises(Stale):
        tenant().check_version(7)
