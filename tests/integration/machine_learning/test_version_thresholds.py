"""Another threshold of a stored version: for all that is scored from then on, and back."""

from typing import Any

import numpy as np
import pytest

from anomaly_detection.api import FLAGGED, InvalidThreshold, NoFormerThreshold
from core.domain.errors import Stale
from machine_learning.domain.registry.version import NotServable
from tests.integration.machine_learning.test_serving import Cache
from tests.support.fakes import FakeAuditLog, FakeJobControl
from tests.support.registry import LABELLED, Desk


def move(desk: Desk, alert_rate: float | None, *, read: int | None = None) -> None:
    desk.registry.move_threshold(desk.ana, "pumps", number=1, alert_rate=alert_rate, read=read)


def evaluated(desk: Desk) -> None:
    asked = desk.registry.start_evaluation(desk.ana, "pumps", number=1, dataset="labelled", label=None)
    desk.run(asked.job_id)


def flagged(cache: Cache) -> int:
    """Of the labelled rows."""
    fitted = cache.models.served(cache.desk.ana.tenant_id, "pumps").fitted
    return int((fitted.scores(LABELLED) >= FLAGGED).sum())


def test_rows_are_cut_at_the_new_rate_in_every_process_a_second_later(desk: Desk) -> None:
    desk.trained(dataset="labelled")
    caches = Cache(desk), Cache(desk)
    before = flagged(caches[0])
    assert flagged(caches[1]) == before
    fitted = caches[0].models.served(desk.ana.tenant_id, "pumps").fitted
    shares = fitted.calibration.tail_probability(fitted.raw_scores(LABELLED))
    rate = float(np.sort(shares)[before + 9])
    move(desk, rate)
    for cache in caches:
        cache.stopwatch.now += 1.0
        assert flagged(cache) == int((shares <= rate).sum()) > before
        assert len(cache.files.loaded) == 1
    move(desk, None)
    for cache in caches:
        cache.stopwatch.now += 1.0
        assert flagged(cache) == before


def test_the_rate_before_is_kept_and_an_undo_can_be_undone(desk: Desk, audit_log: FakeAuditLog) -> None:
    desk.trained()
    trained = desk.registry.models.version(desk.ana.tenant_id, "pumps", 1).alert_rate
    rates = []
    for rate in (0.2, 0.3, None, None):
        move(desk, rate)
        view = desk.registry.models.version(desk.ana.tenant_id, "pumps", 1)
        rates.append((view.alert_rate, view.previous_alert_rate))
    assert rates == [(0.2, trained), (0.3, 0.2), (0.2, 0.3), (0.3, 0.2)]
    assert view.trained_alert_rate == trained
    page = desk.registry.models.threshold_moves(desk.ana.tenant_id, "pumps", limit=9, cursor=None)
    assert [(m.before, m.after, m.reason) for m in page.items] == [
        (0.2, 0.3, "undone"),
        (0.3, 0.2, "undone"),
        (0.2, 0.3, "moved"),
        (trained, 0.2, "moved"),
    ]
    assert {m.user_id for m in page.items} == {desk.ana.user_id}
    assert audit_log.actions[-4:] == ["model_version.threshold_moved"] * 4


def test_a_move_to_where_it_is_is_none(desk: Desk) -> None:
    desk.trained()
    move(desk, 0.2)
    version = desk.registry.models.version(desk.ana.tenant_id, "pumps", 1)
    move(desk, 0.2)
    assert desk.registry.models.version(desk.ana.tenant_id, "pumps", 1) == version


def test_what_cannot_be_is_refused(desk: Desk) -> None:
    desk.trained()
    with pytest.raises(NoFormerThreshold):
        move(desk, None)
    for rate in (0.0, 0.6, float("nan")):
        with pytest.raises(InvalidThreshold):
            move(desk, rate)
    move(desk, 0.2, read=1)
    with pytest.raises(Stale):
        move(desk, 0.3, read=1)
    desk.trained(seed=1)
    desk.registry.point_alias(desk.ana, "pumps", alias="champion", number=2, version=None)
    desk.registry.archive_version(desk.ana, "pumps", number=1, archived=True, read=None)
    with pytest.raises(NotServable):
        move(desk, 0.3)


def metrics(desk: Desk) -> dict[str, Any]:
    found = desk.registry.models.version(desk.ana.tenant_id, "pumps", 1).metrics
    assert found is not None
    return dict(found)


def test_metrics_follow_every_move_of_the_threshold(desk: Desk) -> None:
    desk.trained(dataset="labelled")
    at_first, fitted = metrics(desk), Cache(desk).models.served(desk.ana.tenant_id, "pumps").fitted
    shares = fitted.calibration.tail_probability(fitted.raw_scores(LABELLED))
    for rate in (0.5, 0.21, 0.33, 0.0123):
        move(desk, rate)
        found = metrics(desk)
        assert found["average_precision"] == at_first["average_precision"]
        flagged, kept = int((shares <= rate).sum()), found["confusion"]
        assert kept["true_positives"] + kept["false_positives"] == flagged
        assert found["alert_rate"]["value"] == flagged / len(shares)
        assert found["recall"]["value"] == kept["true_positives"] / found["anomalies"]
        evaluated(desk)
        assert metrics(desk)["confusion"] == kept
    move(desk, None)
    assert metrics(desk)["alert_rate"]["value"] == (shares <= 0.33).sum() / len(shares)


def test_runs_and_files_keep_what_they_were_made_with(desk: Desk) -> None:
    desk.trained()
    before = desk.registry.models.version(desk.ana.tenant_id, "pumps", 1)
    move(desk, 0.3)
    after = desk.registry.models.version(desk.ana.tenant_id, "pumps", 1)
    assert (after.sha256, after.summary) == (before.sha256, before.summary)
    loaded = desk.registry.stored.load(desk.ana.tenant_id, after.file, sha256=after.sha256)
    assert loaded.calibration.alert_rate == before.alert_rate


def test_a_threshold_that_moves_while_it_is_measured_is_the_one_metrics_are_of(desk: Desk) -> None:
    desk.trained(dataset="labelled")
    asked = desk.registry.start_evaluation(desk.ana, "pumps", number=1, dataset="labelled", label=None)

    class MovesMeanwhile(FakeJobControl):
        def progress(self, share: float, message: str = "") -> None:
            move(desk, 0.5)

    desk.registry.carry_out_evaluation(desk.ana, asked.id, MovesMeanwhile())
    version = desk.registry.models.version(desk.ana.tenant_id, "pumps", 1)
    found = desk.registry.evaluations.evaluation(desk.ana.tenant_id, version.id, asked.id)
    assert found.document is not None
    assert version.metrics is not None
    assert found.document["model_alert_rate"] == version.trained_alert_rate
    assert version.metrics["alert_rate"]["value"] > found.document["alert_rate"]["value"]


def test_figures_are_of_the_newest_evaluation_whichever_is_done_last(desk: Desk) -> None:
    desk.trained()
    desk.datasets.frames["other"] = LABELLED.head(204)
    asked = [
        desk.registry.start_evaluation(desk.ana, "pumps", number=1, dataset=dataset, label=None)
        for dataset in ("other", "labelled")
    ]
    for each in reversed(asked):
        desk.run(each.job_id)
    assert metrics(desk)["dataset"] == "labelled"
    move(desk, 0.3)
    assert (metrics(desk)["dataset"], metrics(desk)["rows"]) == ("labelled", len(LABELLED))
