"""Detectors with their newest runs, runs that are repeated, and rows of two runs side by side."""

from anomaly_detection.api import ByDetector, DetectorConfiguration
from anomaly_detection.domain.ids import DetectorId
from core.domain.ids import TenantId, new_id
from tests.support.runs import PLANTED, RunDesk

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
