"""Answers kept for Idempotency-Keys, on both databases."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from core.application.kept_answers import Answer, Asked, Claim, RequestInFlight
from core.domain.ids import TenantId, new_id
from core.infrastructure.database import Database, Purpose
from core.infrastructure.kept_answers import SqlAnswers, answers
from tests.support.fakes import FakeClock

ANSWER = Answer("hash", 201, (("location", "/x"),), b"\x00body")


@pytest.fixture
def kept(database: Database, clock: FakeClock) -> SqlAnswers:
    return SqlAnswers(database, clock)


@pytest.fixture
def asked() -> Asked:
    return Asked(
        tenant_id=TenantId(new_id()),
        caller_id=new_id(),
        key="k",
        endpoint="e",
        patience=timedelta(minutes=2),
    )


def claimed(kept: SqlAnswers, asked: Asked) -> Claim:
    claim = kept.begin(asked)
    assert isinstance(claim, Claim)
    return claim


def test_an_answer_that_was_kept_is_given_again(kept: SqlAnswers, asked: Asked) -> None:
    kept.finish(claimed(kept, asked), ANSWER)

    assert kept.begin(asked) == ANSWER


def test_an_answer_is_given_again_for_as_long_as_was_asked(
    kept: SqlAnswers, asked: Asked, clock: FakeClock
) -> None:
    form = replace(asked, kept=timedelta(minutes=10))
    kept.finish(claimed(kept, form), ANSWER)

    clock.advance(minutes=9)
    assert kept.begin(form) == ANSWER
    clock.advance(minutes=2)
    assert isinstance(kept.begin(form), Claim)


def test_a_request_that_is_carried_out_is_not_begun_again(kept: SqlAnswers, asked: Asked) -> None:
    claimed(kept, asked)

    with pytest.raises(RequestInFlight):
        kept.begin(asked)


def test_what_another_tenant_caller_key_or_endpoint_did_is_another_request(
    kept: SqlAnswers, asked: Asked
) -> None:
    kept.finish(claimed(kept, asked), ANSWER)

    for other in (
        replace(asked, tenant_id=TenantId(new_id())),
        replace(asked, caller_id=new_id()),
        replace(asked, key="K"),
        replace(asked, endpoint="f"),
    ):
        claimed(kept, other)


def test_a_request_that_was_freed_may_be_sent_again(kept: SqlAnswers, asked: Asked) -> None:
    kept.free(claimed(kept, asked))

    claimed(kept, asked)


def test_a_request_that_was_lost_with_its_process_is_taken_over(
    kept: SqlAnswers, asked: Asked, clock: FakeClock
) -> None:
    lost = claimed(kept, asked)
    clock.now += timedelta(minutes=2)
    second = claimed(kept, asked)
    kept.finish(lost, replace(ANSWER, body=b"late"))
    kept.free(lost)

    with pytest.raises(RequestInFlight):
        kept.begin(asked)
    kept.finish(second, ANSWER)
    assert kept.begin(asked) == ANSWER


def test_after_a_day_a_key_is_new_again_and_swept(
    kept: SqlAnswers, asked: Asked, clock: FakeClock, database: Database
) -> None:
    kept.finish(claimed(kept, asked), ANSWER)
    clock.now += timedelta(hours=24)
    kept.finish(claimed(kept, asked), ANSWER)
    clock.now += timedelta(hours=25)
    kept.sweep(clock.now)

    with database.as_system(Purpose.SWEEP) as session:
        assert session.scalar(select(func.count()).select_from(answers)) == 0


def test_of_many_at_once_one_begins(kept: SqlAnswers, asked: Asked) -> None:
    def begin(_: int) -> bool:
        try:
            return isinstance(kept.begin(asked), Claim)
        except RequestInFlight:
            return False

    with ThreadPoolExecutor(8) as threads:
        assert sum(threads.map(begin, range(16))) == 1
