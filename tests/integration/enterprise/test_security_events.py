"""A flood of events is cut, and told of."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

from core.domain.actor import Actor
from enterprise.api import Enterprise
from enterprise.application.ports import AuditFilter
from enterprise.infrastructure.security_events import MOST_PER_MINUTE
from tests.support.fakes import FakeClock

REFUSED = AuditFilter(action="login.failed")


def test_a_flood_from_one_address_is_cut_and_the_next_event_says_by_how_much(
    enterprise: Enterprise, acme: Actor, clock: FakeClock
) -> None:
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: enterprise.record_security_event(acme, "login.failed"), range(50)))
    assert len(list(enterprise.audit.all(acme.tenant_id, REFUSED))) == MOST_PER_MINUTE
    clock.advance(minutes=1)
    enterprise.record_security_event(acme, "login.failed", {"check": "otp"})
    *_, last = enterprise.audit.all(acme.tenant_id, REFUSED)
    assert last.after == {"check": "otp", "not_written": 50 - MOST_PER_MINUTE}
    enterprise.record_security_event(acme, "login.failed")
    *_, last = enterprise.audit.all(acme.tenant_id, REFUSED)
    assert last.after is None


def test_other_addresses_and_other_events_are_written(enterprise: Enterprise, acme: Actor) -> None:
    for _ in range(MOST_PER_MINUTE + 1):
        enterprise.record_security_event(acme, "login.failed")
    enterprise.record_security_event(replace(acme, address="192.0.2.8"), "login.failed")
    enterprise.record_security_event(acme, "lockout.started")
    *_, failed, lockout = enterprise.audit.all(acme.tenant_id, AuditFilter())
    assert (failed.address, lockout.action) == ("192.0.2.8", "lockout.started")
