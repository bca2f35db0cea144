"""The last lines of a job's log: whole for operators, in part for its tenant, and never with secrets."""

import json
import logging
from datetime import UTC, datetime

import pytest

from core.infrastructure.job_log import MOST_BYTES, MOST_LINES, LogTail, kept, logged_to, told
from core.infrastructure.logging import get_logger

AT = datetime(2026, 11, 1, 9, 0, tzinfo=UTC)
LINE = {
    "timestamp": "2026-11-01T09:00:00Z",
    "level": "warning",
    "logger": "core.jobs",
    "event": "rows_skipped",
}


def line(**fields: object) -> str:
    return kept(LINE | fields)


def test_what_is_logged_meanwhile_is_told_with_its_traceback() -> None:
    heard: list[str] = []
    with logged_to(heard.append):
        try:
            raise RuntimeError("no such column")
        except RuntimeError:
            get_logger("core.jobs").exception("job_broke", rows=3, job_id="job_1")
        logging.getLogger("polars").warning("%s is slow", "/var/lib/rows.csv")
    logging.getLogger("polars").warning("nobody hears this")
    first, second = (json.loads(text) for text in heard)
    assert (first["event"], first["rows"], "job_id" in first) == ("job_broke", "3", False)
    assert first["exception"].endswith("RuntimeError: no such column")
    assert second["event"] == "/var/lib/rows.csv is slow"


def test_a_tenant_reads_names_of_events_and_steps_and_nothing_that_others_put_into_words() -> None:
    tail = LogTail()
    tail.step(AT, "scored 10 rows")
    tail.add(line(reason="/srv/anomalies/acme", address="10.0.0.7", exception="Traceback ..."))
    tail.add(line(logger="py.warnings", event="/usr/lib/python3/site.py:3: UserWarning"))
    tail.add(line(logger="sklearn", event="looks_like_ours"))
    tail.add(line(logger="core.jobs", event="Cannot reach 10.0.0.7"))
    tail.add(line(logger="corelike.jobs", event="looks_like_ours"))
    assert len(tail.lines()) == 6
    assert told(tail.lines()) == (
        "2026-11-01T09:00:00+00:00 info scored 10 rows",
        "2026-11-01T09:00:00Z warning rows_skipped",
    )


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("password", "hunter2"),
        ("api_key", "hunter2"),
        ("text", "Follow https://host/reset?token=hunter2"),
        ("reason", "connection to postgresql://anom_app:hunter2@db:5432/x failed"),
        ("reason", "Authorization: Bearer hunter2"),
        ("reason", "anom_live_0abcde_hunter2hunter2hunter2"),
        ("exception", "GET /reset?token=hunter2&x=1"),
        ("nested", {"url": "redis://:hunter2@cache:6379"}),
    ],
)
def test_secrets_leave_a_line(name: str, value: object) -> None:
    found = line(**{name: value})
    assert "hunter2" not in found
    assert "***" in found


def test_a_step_takes_the_place_of_the_same_step_with_other_numbers() -> None:
    tail = LogTail()
    for message in ("learning", "scored 10 rows", "scored 1,000 rows", "", "storing", "scored 7 rows"):
        tail.step(AT, message)
    tail.add(line())
    tail.step(AT, "scored 8 rows")
    steps = [text.rpartition(" info ")[2] for text in told(tail.lines())]
    assert steps == [
        "learning",
        "scored 1,000 rows",
        "storing",
        "scored 7 rows",
        "2026-11-01T09:00:00Z warning rows_skipped",
        "scored 8 rows",
    ]


def test_the_last_lines_stay_as_many_as_there_is_room_for() -> None:
    tail = LogTail()
    for number in range(3 * MOST_LINES):
        tail.add(line(number=number))
    assert len(tail.lines()) <= MOST_LINES
    assert json.loads(tail.lines()[-1])["number"] == str(3 * MOST_LINES - 1)
    assert sum(len(each.encode()) for each in tail.lines()) <= MOST_BYTES


@pytest.mark.parametrize("odd", ["\x00", "\ud800", "\U0001f600", '"'])
def test_odd_and_endless_words_are_cut_and_stay_json(odd: str) -> None:
    tail = LogTail()
    tail.add(line(**{f"value{n}": odd * 5000 for n in range(20)}, exception=f"{odd * 5000} the end"))
    [kept_line] = tail.lines()
    assert json.loads(kept_line)["exception"].endswith("the end")
    assert kept_line.encode()
    assert told([kept_line]) == ("2026-11-01T09:00:00Z warning rows_skipped",)
