"""However often and wherever a training run is carried out, one version results."""

import os
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import polars as pl
import pytest

from anomaly_detection.api import DetectorConfiguration
from core.application.files import FileKind
from core.application.jobs import LostClaim
from core.application.quota import Quota, QuotaExceeded
from core.domain.actor import Actor, JobClaim
from core.domain.ids import JobId
from data_platform.api import DatasetNotFound, NoUsableColumn
from machine_learning.domain.registry.model import InvalidModelName
from machine_learning.domain.registry.training import TrainingRun, TrainingRunNotFound
from tests.support.fakes import FakeAuditLog, FakeJobControl, FakeQuotas
from tests.support.registry import Desk


def started(desk: Desk, **asked: object) -> TrainingRun:
    given = {"dataset": "pumps", "name": "pumps", "columns": {}} | asked
    configuration = DetectorConfiguration(algorithm="hbos")
    return desk.registry.start_training(desk.ana, configuration=configuration, **given)  # type: ignore[arg-type]  # tests choose


def test_the_first_version_is_the_champion(desk: Desk, audit_log: FakeAuditLog) -> None:
    desk.trained()
    model = desk.registry.models.model(desk.ana.tenant_id, "pumps")
    [version] = model.versions
    assert (model.aliases, version.number, version.aliases) == ({"champion": 1}, 1, ("champion",))
    assert version.user_id == desk.ana.user_id
    assert version.dataset == "pumps"
    assert version.summary["rows"] == 200
    assert {d["column"] for d in version.decisions} == {"a", "b", "c"}
    assert audit_log.actions == ["model.created", "training_run.started", "model_version.created"]


def test_a_further_version_leaves_the_champion_alone(desk: Desk) -> None:
    assert [desk.trained(), desk.trained(seed=1)] == [1, 2]
    assert desk.registry.models.model(desk.ana.tenant_id, "pumps").aliases == {"champion": 1}


def test_a_run_carried_out_twice_makes_one_version(desk: Desk) -> None:
    run = started(desk)
    first, second = desk.run(run.job_id), desk.run(run.job_id, attempt=2)
    assert first == second
    assert len(desk.kept) == 1


def test_two_workers_at_once_make_one_version(desk: Desk) -> None:
    run = started(desk)
    carry_out = desk.registry.carry_out_training
    with ThreadPoolExecutor(2) as pool:
        made = list(pool.map(lambda _: carry_out(desk.ana, run.id, FakeJobControl()).id, range(2)))
    assert made[0] == made[1]
    assert len(desk.kept) == 1
    assert desk.registry.models.model(desk.ana.tenant_id, "pumps").latest_number == 1


def test_a_worker_that_lost_its_claim_leaves_nothing(desk: Desk) -> None:
    run = started(desk)
    late = Actor(tenant_id=desk.ana.tenant_id, claim=JobClaim(JobId(run.job_id), 7))
    with pytest.raises(LostClaim):
        desk.registry.carry_out_training(late, run.id, FakeJobControl())
    assert desk.kept == []
    assert desk.registry.models.model(desk.ana.tenant_id, "pumps").versions == ()


def test_a_model_deleted_during_training_stays_deleted(desk: Desk) -> None:
    run = started(desk)
    desk.registry.delete_model(desk.ana, "pumps", version=None)
    with pytest.raises(TrainingRunNotFound):
        desk.registry.carry_out_training(desk.ana, run.id, FakeJobControl())
    assert desk.kept == []


def test_many_first_runs_of_one_name_register_one_model(desk: Desk, quotas: FakeQuotas) -> None:
    with ThreadPoolExecutor(4) as pool:
        runs = list(pool.map(lambda _: started(desk, name="Pumps!"), range(4)))
    assert len({run.model_id for run in runs}) == 1
    assert len(desk.registry.models.models(desk.ana.tenant_id, sort="slug", limit=10, cursor=None).items) == 1


def test_over_quota_nothing_is_stored(desk: Desk, quotas: FakeQuotas) -> None:
    quotas.limits = {Quota.MODELS: 0}
    with pytest.raises(QuotaExceeded):
        started(desk)
    assert desk.registry.models.models(desk.ana.tenant_id, sort="slug", limit=10, cursor=None).items == ()


def test_a_deleted_model_gives_its_quota_back(desk: Desk, quotas: FakeQuotas) -> None:
    desk.trained()
    desk.registry.delete_model(desk.ana, "pumps", version=None)
    assert quotas.used[desk.ana.tenant_id, Quota.MODELS] == 0
    assert desk.kept == []


def test_a_model_counts_from_its_first_version_on(desk: Desk, quotas: FakeQuotas) -> None:
    tenant_id = desk.ana.tenant_id
    desk.datasets.frames["odd"] = pl.DataFrame({"a": ["x"] * 50})
    failing = started(desk, dataset="odd")
    with pytest.raises(NoUsableColumn):
        desk.run(failing.job_id)
    assert quotas.used[tenant_id, Quota.MODELS] == 0
    desk.trained()
    desk.trained(seed=1)
    assert quotas.used[tenant_id, Quota.MODELS] == 1
    started(desk, name="other")
    desk.registry.delete_model(desk.ana, "other", version=None)
    assert quotas.used[tenant_id, Quota.MODELS] == 1


def test_the_last_free_place_goes_to_the_training_that_ends_first(desk: Desk, quotas: FakeQuotas) -> None:
    quotas.limits = {Quota.MODELS: 1}
    first, second = started(desk, name="first"), started(desk, name="second")
    desk.run(second.job_id)
    with pytest.raises(QuotaExceeded):
        desk.run(first.job_id)
    assert len(desk.kept) == 1
    with pytest.raises(QuotaExceeded):
        started(desk, name="third")


def test_the_name_of_a_deleted_model_starts_anew(desk: Desk) -> None:
    desk.trained()
    desk.trained(seed=1)
    desk.registry.delete_model(desk.ana, "pumps", version=None)
    assert desk.trained() == 1
    page = desk.registry.models.alias_moves(desk.ana.tenant_id, "pumps", limit=9, cursor=None)
    assert [move.reason for move in page.items] == ["first_version"]


def test_files_without_a_version_are_swept_when_they_are_old(desk: Desk) -> None:
    desk.trained()
    for name, age in (("lost.model", 2), ("fresh.model", 0), ("lost.import", 2)):
        path = desk.files.path(desk.ana.tenant_id, FileKind.MODELS, name)
        path.write_bytes(b"")
        then = (desk.storage.clock() - timedelta(days=age)).timestamp()
        os.utime(path, (then, then))
    version = desk.registry.models.version(desk.ana.tenant_id, "pumps", 1)
    os.utime(desk.files.path(desk.ana.tenant_id, FileKind.MODELS, version.file), (0, 0))
    assert desk.registry.sweep_files(desk.ana.tenant_id) == 2
    assert sorted(desk.kept) == sorted([version.file, "fresh.model"])


def test_labels_of_the_training_rows_are_measured_not_learned(desk: Desk) -> None:
    desk.trained(dataset="labelled")
    version = desk.registry.models.version(desk.ana.tenant_id, "pumps", 1)
    assert version.metrics is not None
    assert version.metrics["label"] == "label"
    assert version.metrics["average_precision"]["value"] > 0.9
    assert "label" in {d["column"] for d in version.decisions if d["role"] == "label"}
    [found] = desk.registry.evaluations.evaluations(
        desk.ana.tenant_id, version.id, limit=9, cursor=None
    ).items
    assert (found.job.state, found.label) == ("succeeded", "label")
    assert found.document is not None
    curve = found.document["curve"]
    beside = ("curve", "segments", "explanation", "days")
    assert {name: value for name, value in found.document.items() if name not in beside} == version.metrics
    assert found.document["model_alert_rate"] == version.alert_rate
    assert (curve["true_positives"][-1], curve["false_positives"][-1]) == (6, 200)


def test_a_training_carried_out_twice_is_evaluated_once(desk: Desk) -> None:
    run = started(desk, dataset="labelled")
    desk.run(run.job_id)
    desk.run(run.job_id, attempt=2)
    version = desk.registry.models.version(desk.ana.tenant_id, "pumps", 1)
    found = desk.registry.evaluations.evaluations(desk.ana.tenant_id, version.id, limit=9, cursor=None)
    assert len(found.items) == 1
    assert version.summary["fit_seconds"] >= 0


def test_a_model_cannot_be_called_like_a_page(desk: Desk) -> None:
    with pytest.raises(InvalidModelName):
        started(desk, name="New")


def test_an_unknown_dataset_is_refused_at_once(desk: Desk) -> None:
    with pytest.raises(DatasetNotFound):
        started(desk, dataset="nope")
    assert desk.registry.models.models(desk.ana.tenant_id, sort="slug", limit=10, cursor=None).items == ()
