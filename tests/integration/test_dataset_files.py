"""Kept files and the rows that name them."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from core.application.files import FileKind
from core.infrastructure.sql import Storage
from tests.support.dataset_desk import CSV, dataset_desk
from tests.support.fakes import FakeJobControl


def test_only_files_that_no_version_names_are_swept(storage: Storage, tmp_path: Path) -> None:
    desk = dataset_desk(storage, tmp_path)
    desk.call("POST", "/datasets", json={"name": "Orders"})
    desk.upload(CSV)
    named = desk.kept
    with desk.files.staging(".parquet") as staged:
        staged.write_bytes(b"left by a process that was killed")
        desk.files.keep(desk.ana.tenant_id, FileKind.DATASETS, "lost.parquet", staged)
    soon = datetime.now(UTC) + timedelta(minutes=1)
    assert desk.service.files_without_rows(soon - timedelta(hours=1)) == 0
    assert desk.service.files_without_rows(soon) == 1
    assert desk.kept == named


def test_many_small_batches_stay_few_files(storage: Storage, tmp_path: Path) -> None:
    desk = dataset_desk(storage, tmp_path)
    desk.call("POST", "/datasets", json={"name": "Orders"})
    for number in range(12):
        assert desk.append(b'[{"id": %d}]' % number).status_code == 200
    newest = desk.service.queries.version(desk.ana.tenant_id, "orders", None)
    assert (newest.rows, newest.number) == (12, 12)
    assert len(newest.files) <= 4


def test_an_ingest_that_runs_twice_stores_its_rows_once(storage: Storage, tmp_path: Path) -> None:
    desk = dataset_desk(storage, tmp_path)
    desk.call("POST", "/datasets", json={"name": "Orders"})
    desk.upload(b"id,amount\n" + b"".join(b"%d,%d.5\n" % (i, i) for i in range(600_000)))
    version = desk.service.queries.version(desk.ana.tenant_id, "orders", 1)
    desk.run_jobs()
    kept = desk.kept
    desk.service.ingest(desk.ana, version.id, FakeJobControl())
    assert desk.kept == kept
