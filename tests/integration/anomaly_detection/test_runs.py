"""A run over a dataset version, from its start to its result, and however often it is carried out."""

import os
from dataclasses import replace
from datetime import timedelta

import polars as pl
import pytest

from anomaly_detection.api import DetectorConfiguration
from anomaly_detection.application.runs.ports import RunFilter
from anomaly_detection.application.runs.reading import RESULT_COLUMNS, ResultLost
from anomaly_detection.application.runs.start_run import ByDetector, ByModel, DatasetNeeded
from anomaly_detection.domain.detector import CannotBeSaved, InvalidParameter, TooFewRows
from anomaly_detection.domain.ids import RunId
from anomaly_detection.domain.runs.run import RunNotFinished, RunNotFound
from core.application.files import FileKind
from core.application.jobs import LostClaim
from core.application.quota import Quota, QuotaExceeded
from core.domain.actor import Actor, JobClaim
from core.domain.errors import Stale
from core.domain.ids import TenantId, new_id
from data_platform.api import ColumnChoices, DatasetNotFound, SchemaMismatch
from tests.support.claims import claimed
from tests.support.fakes import FakeAuditLog, FakeClock, FakeJobControl, FakeQuotas
from tests.support.runs import PLANTED, RunDesk, readings

HBOS = DetectorConfiguration(algorithm="hbos", contamination=0.01)


def test_a_run_finds_the_planted_rows_and_says_why(run_desk: RunDesk, audit_log: FakeAuditLog) -> None:
    run = run_desk.finished()
    assert (run.state, run.rows, run.anomalies) == ("succeeded", 1_500, 15)
    assert run.alert_rate == run.fitted_alert_rate == pytest.approx(0.01)
    found = run_desk.listed(run.id)
    assert [row.row for row in found][:3] == sorted(PLANTED)
    assert "amount 40 is far above its usual" in found[0].reason
    assert set(list(found[0].contributions)[:2]) == {"amount", "speed"}
    assert found[0].cells["amount"] == 40.0
    assert audit_log.actions == ["run.started", "run.finished"]
    assert run_desk.counted == [("hbos", run.dataset_id, 15)]


def test_the_result_has_every_row_of_the_dataset_in_order(run_desk: RunDesk) -> None:
    run = run_desk.finished()
    read = run_desk.runs.reader.finished(run_desk.ana.tenant_id, run.id)
    frame = pl.read_parquet(read.result)
    assert frame.columns[4:] == ["score_1", *RESULT_COLUMNS[1:]]
    assert frame.select(readings().columns).equals(readings())
    assert frame["is_anomaly"].sum() == 15
    assert read.model.calibration.alert_rate == read.alert_rate
    scores = read.model.calibration.calibrated(frame["raw_score"].to_numpy())
    assert scores.tolist() == frame["score_1"].to_list()


def test_at_least_a_thousand_rows_are_stored_each_with_a_reason(run_desk: RunDesk) -> None:
    run = run_desk.finished()
    stored = run_desk.listed(run.id, is_anomaly=False)
    assert len(stored) == 500
    assert all(row.reason and row.contributions for row in stored)
    reader = run_desk.runs.queries.finished(run_desk.ana.tenant_id, run.id)
    assert len(run_desk.runs.anomalies.stored_rows(reader)) == 1_000


def test_a_run_carried_out_again_after_its_end_changes_nothing(run_desk: RunDesk, quotas: FakeQuotas) -> None:
    run = run_desk.finished()
    files, used = run_desk.kept, quotas.used.copy()
    assert run_desk.carry_out(run.id, attempt=2) == run
    assert (run_desk.kept, quotas.used) == (files, used)


def test_a_run_whose_worker_died_before_its_end_has_one_result(run_desk: RunDesk, quotas: FakeQuotas) -> None:
    run_id = run_desk.start()
    quotas.limits = {Quota.ROWS_SCORED_PER_DAY: 0}  # so the first attempt ends after its rows are stored
    with pytest.raises(QuotaExceeded):
        run_desk.carry_out(run_id)
    assert run_desk.kept == []
    quotas.limits = {}
    run = run_desk.carry_out(run_id, attempt=2)
    assert len(run_desk.kept) == 2
    assert [row.row for row in run_desk.listed(run.id)][:3] == sorted(PLANTED)


def test_a_worker_that_lost_its_claim_leaves_nothing(run_desk: RunDesk) -> None:
    run_id = run_desk.start()
    late = Actor(tenant_id=run_desk.ana.tenant_id, claim=JobClaim(run_desk.job_of(run_id), 7))
    with pytest.raises(LostClaim):
        run_desk.runs.execute(late, run_id, FakeJobControl())
    assert run_desk.kept == []
    assert run_desk.view(run_id).state == "queued"


def test_the_rows_of_an_unfinished_run_are_not_shown(run_desk: RunDesk) -> None:
    run_id = run_desk.start()
    with pytest.raises(RunNotFinished):
        run_desk.runs.reader.finished(run_desk.ana.tenant_id, run_id)
    assert run_desk.view(run_id).state == "queued"


def test_progress_is_told_by_rows(run_desk: RunDesk) -> None:
    run_id, control = run_desk.start(), FakeJobControl()
    actor = claimed(run_desk.desk.storage, run_desk.ana, run_desk.job_of(run_id))
    run_desk.runs.execute(actor, run_id, control)
    shares = [share for share, _ in control.reported]
    assert shares == sorted(shares)
    assert len(shares) >= 5
    assert "scored 800 rows" in [message for _, message in control.reported]


def test_a_model_scores_with_its_own_threshold_or_another(run_desk: RunDesk) -> None:
    run_desk.desk.trained("pumps")
    frames = run_desk.desk.datasets.frames
    frames["moved"] = frames["pumps"] + 3.0
    run = run_desk.finished(ByModel("pumps"), "moved")
    assert (run.model_reference, run.algorithm, run.detector_id) == ("pumps:1", "hbos", None)
    assert set((run.summary or {})["drift"]) == {"a", "b", "c"}
    other = run_desk.finished(ByModel("pumps:1", contamination=0.2), "moved")
    assert other.alert_rate == pytest.approx(0.2)
    assert (other.anomalies or 0) > (run.anomalies or 0)


def test_a_run_is_kept_whole_without_the_model_it_came_from(run_desk: RunDesk) -> None:
    run_desk.desk.trained("pumps")
    run = run_desk.finished(ByModel("pumps"), "pumps")
    run_desk.desk.registry.delete_model(run_desk.ana, "pumps", version=None)
    row = run_desk.runs.show_row(run_desk.ana.tenant_id, run.id, 5)
    assert (row.row, len(row.contributions)) == (5, 3)


def test_a_detector_brings_its_dataset_and_the_datasets_roles_hold(run_desk: RunDesk) -> None:
    asked = replace(HBOS, columns=ColumnChoices(ignore=("speed",)))
    run_desk.definitions.define(
        run_desk.ana, asked, name="Odd pumps", slug=None, description="", dataset="readings"
    )
    detectors = run_desk.definitions.reader
    named = detectors.detector(run_desk.ana.tenant_id, "odd-pumps")
    run = run_desk.finished(ByDetector("odd-pumps", contamination=0.02))
    assert run.detector_id == named.id
    assert run.configuration["columns"]["ignore"] == ["speed"]
    assert run.alert_rate == run.configuration["contamination"] == pytest.approx(0.02)
    with pytest.raises(DatasetNeeded):
        run_desk.runs.start(run_desk.ana, HBOS, dataset=None, number=None)


@pytest.mark.parametrize(
    ("asked", "dataset", "error"),
    [
        (HBOS, "nope", DatasetNotFound),
        (HBOS, "few", TooFewRows),
        (replace(HBOS, parameters={"n_bins": "many"}), "readings", InvalidParameter),
        (DetectorConfiguration(algorithm="pyod:KDE"), "readings", CannotBeSaved),
        (ByModel("pumps"), "readings", SchemaMismatch),
    ],
)
def test_what_cannot_be_run_is_refused_at_once(
    run_desk: RunDesk, asked: object, dataset: str, error: type[Exception]
) -> None:
    run_desk.desk.trained("pumps")
    run_desk.desk.datasets.frames["few"] = readings(9)
    with pytest.raises(error):
        run_desk.start(asked, dataset)
    everything = run_desk.runs.queries.runs(
        run_desk.ana.tenant_id, RunFilter(), sort="-created_at", limit=9, cursor=None
    )
    assert everything.items == ()


def test_over_the_days_rows_a_run_is_refused_and_nothing_is_stored(
    run_desk: RunDesk, quotas: FakeQuotas
) -> None:
    quotas.limits = {Quota.ROWS_SCORED_PER_DAY: 1_499}
    with pytest.raises(QuotaExceeded):
        run_desk.start()
    assert quotas.used[run_desk.ana.tenant_id, Quota.CONCURRENT_JOBS] == 0


def test_a_run_waiting_is_cancelled_at_once(run_desk: RunDesk) -> None:
    run_id = run_desk.start()
    run_desk.runs.cancel(run_desk.ana, run_desk.job_of(run_id))
    assert run_desk.view(run_id).state == "cancelled"


def test_a_deleted_run_takes_its_files_and_rows_along(run_desk: RunDesk) -> None:
    run = run_desk.finished()
    with pytest.raises(Stale):
        run_desk.runs.delete(run_desk.ana, run.id, version=run.version + 1)
    run_desk.runs.delete(run_desk.ana, run.id, version=run.version)
    assert run_desk.kept == []
    with pytest.raises(RunNotFound):
        run_desk.view(run.id)


def test_a_run_deleted_while_it_is_carried_out_stays_deleted(run_desk: RunDesk) -> None:
    run_id = run_desk.start()
    actor = claimed(run_desk.desk.storage, run_desk.ana, run_desk.job_of(run_id))
    run_desk.runs.delete(run_desk.ana, run_id, version=None)
    with pytest.raises(RunNotFound):
        run_desk.runs.execute(actor, run_id, FakeJobControl())
    assert run_desk.kept == []


def test_files_that_no_run_speaks_of_are_swept_when_they_are_old(run_desk: RunDesk) -> None:
    run_desk.finished()
    files, tenant_id = run_desk.desk.files, run_desk.ana.tenant_id
    kept = run_desk.kept
    lost = files.path(tenant_id, FileKind.RESULTS, "lost.parquet")
    lost.write_bytes(b"")
    for name in (*kept, lost.name):
        os.utime(files.path(tenant_id, FileKind.RESULTS, name), (0, 0))
    assert run_desk.runs.sweep_files(tenant_id) == 1
    assert run_desk.kept == kept


@pytest.mark.parametrize("ending", [".parquet", ".model"])
def test_a_lost_file_is_said_without_the_servers_path(run_desk: RunDesk, ending: str) -> None:
    run = run_desk.finished()
    [name] = [name for name in run_desk.kept if name.endswith(ending)]
    path = run_desk.desk.files.path(run_desk.ana.tenant_id, FileKind.RESULTS, name)
    path.write_bytes(b"not what it was")
    with pytest.raises(ResultLost) as lost:
        run_desk.runs.show_row(run_desk.ana.tenant_id, run.id, 0)
    assert str(path.parent) not in str(lost.value)


def test_another_tenants_run_is_no_run(run_desk: RunDesk) -> None:
    run = run_desk.finished()
    stranger = Actor(tenant_id=TenantId(new_id()))
    for ask in (
        lambda: run_desk.runs.queries.run(stranger.tenant_id, run.id),
        lambda: run_desk.runs.reader.finished(stranger.tenant_id, run.id),
        lambda: run_desk.runs.delete(stranger, run.id, version=None),
        lambda: run_desk.runs.move_threshold(stranger, run.id, None, version=run.version),
    ):
        with pytest.raises(RunNotFound):
            ask()


def test_odd_cells_are_stored_on_both_databases(run_desk: RunDesk) -> None:
    odd = readings().with_columns(
        pl.lit("a\x00b").alias("nul"),
        pl.lit(float("nan")).alias("nan"),
        pl.lit("x" * 5_000).alias("long"),
        pl.lit(2**62).alias("big"),
        pl.datetime(2026, 1, 1).alias("at"),
        pl.lit([1.5, None]).alias("list"),
    )
    run_desk.desk.datasets.frames["odd"] = odd
    first = run_desk.listed(run_desk.finished(dataset="odd").id)[0]
    assert first.cells["nul"] == "ab"
    assert first.cells["nan"] is None
    assert len(str(first.cells["long"])) == 1_000
    assert first.cells["at"] == "2026-01-01T00:00:00"


def test_the_states_of_runs_are_filters(run_desk: RunDesk) -> None:
    done, waiting = run_desk.finished().id, run_desk.start()

    def found(*states: str) -> set[RunId]:
        wanted = RunFilter(states=states)
        page = run_desk.runs.queries.runs(
            run_desk.ana.tenant_id, wanted, sort="created_at", limit=9, cursor=None
        )
        return {run.id for run in page.items}

    assert found("succeeded") == {done}
    assert found("queued") == {waiting}
    assert found("queued", "succeeded") == {done, waiting}
    assert found("failed") == set()


def test_runs_are_found_by_when_they_were_asked_for(run_desk: RunDesk, clock: FakeClock) -> None:
    began = clock()
    ids = []
    for _ in range(3):
        ids.append(run_desk.start())
        clock.advance(minutes=1)
    wanted = RunFilter(since=began + timedelta(minutes=1), until=began + timedelta(minutes=2))
    found = run_desk.runs.queries.runs(
        run_desk.ana.tenant_id, wanted, sort="-created_at", limit=9, cursor=None
    )
    assert [run.id for run in found.items] == [ids[1]]


def test_what_came_of_many_runs_is_told_in_short(run_desk: RunDesk, clock: FakeClock) -> None:
    done = run_desk.finished()
    clock.advance(minutes=1)
    waiting = run_desk.start()
    view = run_desk.runs.queries.run(run_desk.ana.tenant_id, done.id)
    newest, oldest = run_desk.runs.queries.outcomes(run_desk.ana.tenant_id, RunFilter(), limit=9)
    assert (oldest.id, oldest.rows, oldest.anomalies) == (done.id, view.rows, view.anomalies)
    assert oldest.anomalies > 0
    assert (newest.id, newest.rows, newest.anomalies, newest.has_failed) == (waiting, 0, 0, False)
    assert run_desk.runs.queries.outcomes(run_desk.ana.tenant_id, RunFilter(), limit=1) == [newest]
    assert run_desk.runs.queries.outcomes(TenantId(new_id()), RunFilter(), limit=9) == []
