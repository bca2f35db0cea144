"""When the first result of a detector is to be expected."""

from datetime import UTC, datetime, timedelta

import pytest

from anomaly_detection.presentation.pages.detectors_state import expected_end
from core.application.job_list import JobView
from core.application.jobs import JobState
from core.domain.ids import JobId, TenantId, new_id

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)


def job(progress: float, *, running_s: float | None) -> JobView:
    return JobView(
        id=JobId(new_id()),
        tenant_id=TenantId(new_id()),
        kind="run.execute",
        state=JobState.RUNNING,
        progress=progress,
        message="",
        attempt=1,
        max_attempts=3,
        cancel_asked_at=None,
        not_before=NOW,
        result=None,
        error=None,
        created_at=NOW,
        started_at=None if running_s is None else NOW - timedelta(seconds=running_s),
        finished_at=None,
    )


@pytest.mark.parametrize(
    ("progress", "running_s", "left_s"), [(0.25, 60, 180), (0.5, 30, 30), (0.01, 60, None), (0.0, None, None)]
)
def test_the_rest_is_expected_to_go_as_fast_as_what_is_done(
    progress: float, running_s: float | None, left_s: float | None
) -> None:
    expected = None if left_s is None else NOW + timedelta(seconds=left_s)
    assert expected_end(job(progress, running_s=running_s), NOW) == expected
