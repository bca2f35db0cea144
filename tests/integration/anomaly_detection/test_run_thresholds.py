"""A run's threshold moved: as if the run had been made with the other one, without scoring a row again."""

from concurrent.futures import ThreadPoolExecutor

import polars as pl
import pytest

from anomaly_detection.api import DetectorConfiguration, Severity
from anomaly_detection.application.runs.choose_threshold import Measure, Wish
from anomaly_detection.application.runs.ports import RunView
from anomaly_detection.domain.runs.cut import InvalidThreshold
from anomaly_detection.domain.runs.run import NoFormerThreshold
from core.domain.errors import Conflict, Stale
from tests.support.fakes import FakeAuditLog
from tests.support.runs import RunDesk, readings

WIDER = Wish(Measure.ALERT_RATE, 0.1)


def moved(desk: RunDesk, run: RunView, wish: Wish | None) -> RunView:
    desk.runs.move_threshold(desk.ana, run.id, wish, version=desk.view(run.id).version)
    return desk.view(run.id)


def result(desk: RunDesk, run: RunView) -> pl.DataFrame:
    """As it is downloaded."""
    finished = desk.runs.queries.finished(desk.ana.tenant_id, run.id)
    return pl.concat(desk.runs.reader.recut(finished).batches())


@pytest.mark.parametrize("algorithm", ["hbos", "isolation_forest"])
def test_a_moved_threshold_is_as_if_the_run_was_made_with_it(run_desk: RunDesk, algorithm: str) -> None:
    narrow, wide = (
        run_desk.finished(DetectorConfiguration(algorithm=algorithm, contamination=share))
        for share in (0.01, 0.1)
    )
    now = moved(run_desk, narrow, WIDER)
    assert now.alert_rate == pytest.approx(0.1)
    assert now.previous_alert_rate == pytest.approx(0.01)
    assert now.by_severity == wide.by_severity
    assert now.threshold == pytest.approx(wide.threshold)
    assert result(run_desk, now).equals(result(run_desk, wide))
    assert run_desk.listed(now.id) == run_desk.listed(wide.id)


def test_a_run_never_moved_is_downloaded_as_it_was_written(run_desk: RunDesk) -> None:
    run = run_desk.finished()
    path = run_desk.runs.reader.finished(run_desk.ana.tenant_id, run.id).result
    assert result(run_desk, run).equals(pl.read_parquet(path))


def test_a_higher_threshold_takes_reasons_away(run_desk: RunDesk) -> None:
    run = moved(run_desk, run_desk.finished(), Wish(Measure.CONTAMINATION, 0.005))
    frame = result(run_desk, run)
    flagged = frame.filter(pl.col("is_anomaly"))
    assert len(flagged) == run.anomalies == len(run_desk.listed(run.id)) == 7
    assert (flagged["score_1"] >= 0.8).all()
    assert set(frame.filter(~pl.col("is_anomaly"))["reason"]) == {"nothing unusual"}


def test_more_rows_than_were_stored_can_become_flagged(run_desk: RunDesk) -> None:
    run_desk.desk.datasets.frames["many"] = readings(4_000)
    run = moved(run_desk, run_desk.finished(dataset="many"), Wish(Measure.CONTAMINATION, 0.4))
    flagged = run_desk.runs.queries.finished(run_desk.ana.tenant_id, run.id)
    assert 1_000 < (run.anomalies or 0) <= 1_600
    assert len(run_desk.runs.anomalies.stored_rows(flagged)) == run.anomalies
    assert all(row.reason for row in run_desk.listed(run.id))


def test_a_job_stores_what_is_too_much_for_a_request(run_desk: RunDesk) -> None:
    run_desk.desk.datasets.frames["many"] = readings(16_000)
    run = moved(run_desk, run_desk.finished(dataset="many"), Wish(Measure.CONTAMINATION, 0.49))
    finished = run_desk.runs.queries.finished(run_desk.ana.tenant_id, run.id)
    assert len(run_desk.runs.anomalies.stored_rows(finished)) == 6_000
    run_desk.carry_out_rest()
    assert len(run_desk.runs.anomalies.stored_rows(finished)) == run.anomalies
    assert (run.anomalies or 0) > 6_000


def test_a_score_as_threshold_flags_the_rows_that_reach_it_now(run_desk: RunDesk) -> None:
    run = run_desk.finished()
    reaching = [row.row for row in run_desk.listed(run.id, score_gte=0.7)]
    assert len(reaching) > (run.anomalies or 0)
    now = moved(run_desk, run, Wish(Measure.SCORE, 0.7))
    assert now.anomalies == len(reaching)
    assert [row.row for row in run_desk.listed(run.id)] == reaching[:500]


def test_the_list_agrees_with_the_counts_at_every_threshold(run_desk: RunDesk) -> None:
    run = run_desk.finished()
    for rate in (0.04, 0.01, 0.0025, 0.3):
        run = moved(run_desk, run, Wish(Measure.ALERT_RATE, rate))
        for severity in (Severity.CRITICAL, Severity.HIGH, Severity.MEDIUM):
            listed = run_desk.listed(run.id, severities=(severity,))
            assert len(listed) == (run.by_severity or {})[severity.value]
            assert {row.severity for row in listed} <= {severity}


def test_a_preview_tells_what_the_move_then_does(run_desk: RunDesk) -> None:
    run = run_desk.finished()
    preview = run_desk.runs.preview_threshold(run_desk.ana.tenant_id, run.id, WIDER)
    assert (preview.gained, preview.lost) == (preview.flagged - 15, 0)
    assert [row.is_anomaly for row in preview.examples] == [True] * 5
    assert run_desk.view(run.id) == run
    assert moved(run_desk, run, WIDER).anomalies == preview.flagged
    back = run_desk.runs.preview_threshold(run_desk.ana.tenant_id, run.id, Wish(Measure.ALERT_RATE, 0.01))
    assert (back.gained, back.lost, back.flagged) == (0, preview.gained, 15)
    assert [row.row for row in back.examples] == [row.row for row in preview.examples]
    assert [row.is_anomaly for row in back.examples] == [False] * 5


def test_undo_goes_back_and_again_forth(run_desk: RunDesk, audit_log: FakeAuditLog) -> None:
    run = run_desk.finished()
    with pytest.raises(NoFormerThreshold):
        moved(run_desk, run, None)
    there = moved(run_desk, run, WIDER)
    back = moved(run_desk, run, None)
    assert (back.alert_rate, back.by_severity, back.threshold) == (
        run.alert_rate,
        run.by_severity,
        run.threshold,
    )
    assert moved(run_desk, run, None).by_severity == there.by_severity
    assert audit_log.actions[2:] == ["run.threshold_moved"] * 3


def test_of_two_who_move_it_at_once_one_is_told(run_desk: RunDesk) -> None:
    run = run_desk.finished()

    def move(rate: float) -> str:
        try:
            wish = Wish(Measure.ALERT_RATE, rate)
            run_desk.runs.move_threshold(run_desk.ana, run.id, wish, version=run.version)
        except Conflict as error:
            return type(error).__name__
        return "moved"

    with ThreadPoolExecutor(2) as pool:
        outcomes = sorted(pool.map(move, (0.2, 0.3)))
    assert outcomes == [Stale.__name__, "moved"]


@pytest.mark.parametrize("wish", [Wish(Measure.SCORE, 0.1), Wish(Measure.ALERT_RATE, 0.6)])
def test_a_threshold_that_flags_more_than_half_is_refused(run_desk: RunDesk, wish: Wish) -> None:
    run = run_desk.finished()
    with pytest.raises(InvalidThreshold):
        moved(run_desk, run, wish)
    assert run_desk.view(run.id) == run
