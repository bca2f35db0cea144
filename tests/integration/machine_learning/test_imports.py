"""A model file from elsewhere: checked, loaded apart, in quarantine until somebody accepts it."""

import pickle
from pathlib import Path

import pytest

from core.application.files import FileKind
from core.domain.errors import Invalid
from machine_learning.application.registry.import_model import UnusableModelFile
from machine_learning.domain.registry.version import NotQuarantined, NotServable
from tests.support.registry import Desk


@pytest.fixture
def file(desk: Desk) -> bytes:
    """A model file of another model."""
    desk.trained("source")
    version = desk.registry.models.version(desk.ana.tenant_id, "source", 1)
    return desk.files.path(desk.ana.tenant_id, FileKind.MODELS, version.file).read_bytes()


def imported(desk: Desk, content: bytes, tmp_path: Path) -> dict[str, object]:
    staged = tmp_path / "upload"
    staged.write_bytes(content)
    run = desk.registry.start_import(desk.ana, name="Bought", staged=staged)
    return desk.run(run.job_id)


def test_an_imported_version_scores_once_it_is_accepted(desk: Desk, file: bytes, tmp_path: Path) -> None:
    assert imported(desk, file, tmp_path)["number"] == 1
    tenant_id, registry = desk.ana.tenant_id, desk.registry
    for refused in (
        lambda: registry.detectors.served(tenant_id, "bought:1"),
        lambda: registry.detectors.served(tenant_id, "bought"),
        lambda: registry.point_alias(desk.ana, "bought", alias="champion", number=1, version=None),
        lambda: registry.start_evaluation(desk.ana, "bought", number=1, dataset="labelled", label=None),
        lambda: registry.archive_version(desk.ana, "bought", number=1, archived=False, read=None),
    ):
        with pytest.raises(NotServable):
            refused()
    registry.accept_version(desk.ana, "bought", number=1)
    assert registry.detectors.served(tenant_id, "bought").reference == "bought:1"
    with pytest.raises(NotQuarantined):
        registry.accept_version(desk.ana, "bought", number=1)


def test_an_export_imported_again_is_the_same_file(desk: Desk, file: bytes, tmp_path: Path) -> None:
    imported(desk, file, tmp_path)
    tenant_id, models = desk.ana.tenant_id, desk.registry.models
    assert models.version(tenant_id, "bought", 1).sha256 == models.version(tenant_id, "source", 1).sha256
    assert len(desk.kept) == 2


def test_no_flipped_byte_gets_past_the_upload_unseen(desk: Desk, file: bytes, tmp_path: Path) -> None:
    """Where a flip is in the zip's own padding or names it may be harmless: then what is loaded is what was made."""
    source = desk.registry.models.version(desk.ana.tenant_id, "source", 1)
    passed = 0
    for position in range(0, len(file), max(1, len(file) // 60)):
        flipped = bytearray(file)
        flipped[position] ^= 0xFF
        staged = tmp_path / "upload"
        staged.write_bytes(flipped)
        try:
            desk.registry.stored.models.verify(staged)
        except Invalid:
            continue
        passed += 1
        assert desk.registry.stored.models.load(staged).algorithm.name == source.algorithm
    assert passed < 10


@pytest.mark.parametrize(
    "content", [b"", b"PK\x03\x04", pickle.dumps({"a": 1}), b"\x00" * 5000, b"name,value\n1,2\n"]
)
def test_what_is_no_model_is_refused_at_once_and_not_kept(desk: Desk, content: bytes, tmp_path: Path) -> None:
    with pytest.raises(UnusableModelFile) as refused:
        imported(desk, content, tmp_path)
    assert str(tmp_path) not in str(refused.value)
    assert desk.kept == []
    assert desk.registry.models.models(desk.ana.tenant_id, sort="slug", limit=10, cursor=None).items == ()


def test_an_import_checked_twice_makes_one_version(desk: Desk, file: bytes, tmp_path: Path) -> None:
    staged = tmp_path / "upload"
    staged.write_bytes(file)
    run = desk.registry.start_import(desk.ana, name="Bought", staged=staged)
    assert desk.run(run.job_id) == desk.run(run.job_id, attempt=2)
    assert len(desk.kept) == 2  # the source's and the import's
