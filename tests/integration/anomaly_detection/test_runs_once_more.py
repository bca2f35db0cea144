"""Detectors with their newest runs, runs that are repeated, and rows of two runs side by side."""

import pytest

from anomaly_detection.api import ByDetector, DetectorConfiguration
from anomaly_detection.application.runs.ports import FlaggedRow, RunView
from anomaly_detection.application.runs.same_entity import Entity
from anomaly_detection.domain.definitions.detector_definition import DetectorNotFound, NotItsRun
from anomaly_detection.domain.ids import DetectorId, RunId
from anomaly_detection.domain.runs.run import RunNotFinished, RunNotFound
from core.domain.actor import Actor
from core.domain.errors import DomainError
from core.domain.ids import TenantId, new_id
from data_platform.api import ColumnChoices
from people_ops.domain.permissions import Role
from tests.support.registry import person
from tests.support.runs import FORMULA, PLANTED, RunDesk

ECOD = DetectorConfiguration(algorithm="ecod", contamination=0.01)


def define(desk: RunDesk, name: str) -> DetectorId:
    asked = DetectorConfiguration(algorithm="hbos", contamination=0.01)
    return desk.definitions.define(desk.ana, asked, name=name, slug=None, description="", dataset="readings")


def test_each_detector_has_its_newest_run_in_whatever_state(run_desk: RunDesk) -> None:
    tenant_id = run_desk.ana.tenant_id
    often, once, never = (define(run_desk, name) for name in ("often", "once", "never"))
    for _ in range(2):
        run_desk.finished(ByDetector("often"))
    waiting = run_desk.start(ByDetector("often"))
    only = run_desk.finished(ByDetector("once"))
    found = run_desk.runs.queries.latest(tenant_id, [often, once, never])
    assert {detector_id: run.id for detector_id, run in found.items()} == {often: waiting, once: only.id}
    assert found[often].state == "queued"
    assert run_desk.runs.queries.latest(TenantId(new_id()), [often]) == {}
    assert run_desk.runs.queries.latest(tenant_id, []) == {}


def test_detectors_are_named_as_long_as_they_exist(run_desk: RunDesk) -> None:
    tenant_id, kept, gone = run_desk.ana.tenant_id, define(run_desk, "kept"), define(run_desk, "gone")
    run_desk.definitions.delete(run_desk.ana, "gone", version=None)
    named = run_desk.definitions.queries.named(tenant_id, [kept, gone])
    assert {id_: view.name for id_, view in named.items()} == {kept: "kept"}
    assert run_desk.definitions.queries.named(TenantId(new_id()), [kept]) == {}


def test_a_run_is_repeated_by_its_detector_or_with_its_configuration(run_desk: RunDesk) -> None:
    define(run_desk, "pumps")
    by_detector, by_itself = run_desk.finished(ByDetector("pumps")), run_desk.finished(ECOD)
    again = run_desk.view(run_desk.runs.again(run_desk.ana, by_detector.id))
    assert (again.detector_id, again.state) == (by_detector.detector_id, "queued")
    run_desk.definitions.delete(run_desk.ana, "pumps", version=None)
    again = run_desk.carry_out(run_desk.runs.again(run_desk.ana, by_detector.id))
    assert (again.detector_id, again.algorithm, again.anomalies) == (None, "hbos", by_detector.anomalies)
    again = run_desk.view(run_desk.runs.again(run_desk.ana, by_itself.id))
    assert (again.algorithm, again.configuration) == ("ecod", by_itself.configuration)


def test_rows_that_both_runs_flag_are_named_and_can_be_read_from_either(run_desk: RunDesk) -> None:
    tenant_id = run_desk.ana.tenant_id
    one, two = run_desk.finished(), run_desk.finished(ECOD)
    found = run_desk.runs.compare(tenant_id, one.id, two.id)
    assert set(PLANTED) <= set(found.both)
    assert len(found.both) == min(found.flagged_by_both, 20)
    for run in (one, two):
        rows = run_desk.runs.find_rows.these(run_desk.runs.queries.finished(tenant_id, run.id), [7, 8])
        assert (rows[7].is_anomaly, rows[8].is_anomaly) == (True, False)
        assert rows[7].reason


def baseline_of(desk: RunDesk, name: str) -> RunId | None:
    return desk.definitions.queries.get(desk.ana.tenant_id, name).baseline_run_id


def measure(desk: RunDesk, name: str, run_id: RunId | None, *, by: Actor | None = None) -> None:
    desk.definitions.change(
        by or desk.ana, name, version=None, words={}, configuration={}, refers={"baseline_run": run_id}
    )


def test_a_baseline_is_set_cleared_and_gone_with_its_run(run_desk: RunDesk) -> None:
    define(run_desk, "pumps")
    first, second = run_desk.finished(ByDetector("pumps")), run_desk.finished(ByDetector("pumps"))
    assert baseline_of(run_desk, "pumps") is None
    for wanted in (first.id, first.id, second.id, None, second.id):
        measure(run_desk, "pumps", wanted)
        assert baseline_of(run_desk, "pumps") == wanted
    run_desk.runs.delete(run_desk.ana, second.id, version=None)
    assert baseline_of(run_desk, "pumps") is None
    run_desk.definitions.delete(run_desk.ana, "pumps", version=None)
    assert run_desk.view(first.id).state == "succeeded"


def test_only_a_detectors_own_finished_run_is_its_baseline(run_desk: RunDesk) -> None:
    define(run_desk, "pumps")
    define(run_desk, "others")
    theirs, waiting = run_desk.finished(ByDetector("others")), run_desk.start(ByDetector("pumps"))
    stranger = person(TenantId(new_id()), Role.TENANT_ADMIN)
    refused: list[tuple[RunId, type[DomainError]]] = [
        (theirs.id, NotItsRun),
        (run_desk.finished(ECOD).id, NotItsRun),
        (waiting, RunNotFinished),
        (RunId(new_id()), RunNotFound),
    ]
    for run_id, error in refused:
        with pytest.raises(error):
            measure(run_desk, "pumps", run_id)
    with pytest.raises(DetectorNotFound):
        measure(run_desk, "others", theirs.id, by=stranger)
    assert baseline_of(run_desk, "pumps") is None


def test_a_row_names_the_other_flagged_rows_of_its_id_in_the_newest_runs(run_desk: RunDesk) -> None:
    tenant_id = run_desk.ana.tenant_id
    by_name = DetectorConfiguration(algorithm="hbos", contamination=0.01, columns=ColumnChoices(id="name"))
    without_id = run_desk.finished(ECOD)
    first, second = run_desk.finished(by_name), run_desk.finished(by_name)

    found = run_desk.runs.same_entity(tenant_id, second.id, 250)

    assert found is not None
    assert found.id == FORMULA  # of every tenth row
    places = [(each.run.id, each.row) for each in found.rows]
    assert {(second.id, 1_400), (first.id, 250), (first.id, 1_400)} <= set(places)
    assert (second.id, 250) not in places
    assert [run_id for run_id, _ in places] == sorted((run_id for run_id, _ in places), reverse=True)
    assert min(each.score for each in found.rows) >= 0.8
    assert run_desk.runs.same_entity(tenant_id, without_id.id, 250) is None
    assert run_desk.runs.same_entity(tenant_id, second.id, 7) == Entity(
        "pump-7", (found_alone(run_desk, first, 7),)
    )
    with pytest.raises(RunNotFound):
        run_desk.runs.same_entity(TenantId(new_id()), second.id, 250)


def found_alone(run_desk: RunDesk, run: RunView, row: int) -> FlaggedRow:
    [one] = [each for each in run_desk.listed(run.id) if each.row == row]
    return FlaggedRow(run=run, row=row, score=one.score, severity=one.severity)
