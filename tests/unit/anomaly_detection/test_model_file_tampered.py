"""A model file that was damaged or made up is refused as such, whatever is wrong with it, and nothing in it runs."""

import hashlib
import io
import json
import pickle
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from anomaly_detection import AnomalyDetector
from anomaly_detection.infrastructure.detectors import catalogue
from anomaly_detection.infrastructure.model_manifest import InvalidModelFile
from tests.support.command_line import environment

X = np.random.default_rng(0).normal(size=(40, 3))
MANIFEST = "manifest.json"
SAVING = [
    pytest.param(a.name, marks=[pytest.mark.deep] if a.extra == "deep" else [])
    for a in catalogue.algorithms()
    if a.saves
]


@dataclass(frozen=True)
class Parts:
    """A model file taken apart."""

    manifest: dict[str, Any]
    members: dict[str, bytes]

    def with_member(self, name: str, content: bytes) -> "Parts":
        return replace(self, members={**self.members, name: content})

    def with_manifest(self, **values: Any) -> "Parts":
        return replace(self, manifest={**self.manifest, **values})

    def with_model(self, **values: Any) -> "Parts":
        return self.with_manifest(model={**self.manifest["model"], **values})

    def written(self, path: Path, *, hashed: bool = True, compression: int = zipfile.ZIP_STORED) -> Path:
        """With right hashes, as whoever can write the file can write them."""
        hashes = {name: hashlib.sha256(content).hexdigest() for name, content in self.members.items()}
        manifest = {**self.manifest, "members": hashes} if hashed else self.manifest
        with zipfile.ZipFile(path, "w", compression) as archive:
            archive.writestr(MANIFEST, json.dumps(manifest))
            for name, content in self.members.items():
                archive.writestr(name, content)
        return path


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("tampered")


@cache
def whole(folder: Path, name: str = "pca") -> bytes:
    path = folder / f"{name.replace(':', '_')}.whole"
    AnomalyDetector(name).fit(X).save(path, force=True)
    return path.read_bytes()


def parts(folder: Path, name: str = "pca") -> Parts:
    with zipfile.ZipFile(io.BytesIO(whole(folder, name))) as archive:
        members = {member: archive.read(member) for member in archive.namelist()}
    return Parts(json.loads(members.pop(MANIFEST)), members)


def refused(path: Path, match: str | None = None) -> InvalidModelFile:
    with pytest.raises(InvalidModelFile, match=match) as refusal:
        AnomalyDetector.load(path)
    assert str(path) in refusal.value.detail
    assert refusal.value.fix
    return refusal.value


def npy(array: NDArray[Any], *, allow_pickle: bool = False) -> bytes:
    buffer = io.BytesIO()
    np.save(buffer, array, allow_pickle=allow_pickle)
    return buffer.getvalue()


def test_an_untouched_file_taken_apart_and_put_together_loads(folder: Path) -> None:
    loaded = AnomalyDetector.load(parts(folder).written(folder / "same.model"))
    np.testing.assert_array_equal(loaded.score(X), AnomalyDetector("pca").fit(X).score(X))


def test_a_pickle_is_not_opened(folder: Path) -> None:
    path = folder / "pickle.model"
    for protocol in range(2, pickle.HIGHEST_PROTOCOL + 1):
        path.write_bytes(pickle.dumps({"model": 1}, protocol))
        refused(path, "is a pickle")


@pytest.mark.parametrize("content", [b"", b"PK", b"PK\x03\x04", b"a,b\n1,2\n", b"\x93NUMPY", b"PAR1"])
def test_what_is_no_archive_is_refused(content: bytes, folder: Path) -> None:
    path = folder / "none.model"
    path.write_bytes(content)
    refused(path)


def test_a_folder_and_another_archive_are_refused(folder: Path) -> None:
    refused(folder, "is a folder")
    with zipfile.ZipFile(folder / "other.model", "w") as archive:
        archive.writestr("hello.txt", "hello")
    refused(folder / "other.model", "not a model file")


@given(st.floats(0, 1, exclude_max=True))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_truncated_file_is_refused(folder: Path, share: float) -> None:
    content, path = whole(folder), folder / "truncated.model"
    path.write_bytes(content[: int(share * len(content))])
    refused(path)


@given(
    flips=st.lists(st.tuples(st.floats(0, 1, exclude_max=True), st.integers(0, 7)), min_size=1, max_size=4)
)
@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_flipped_bits_are_refused_or_change_no_score(folder: Path, flips: list[tuple[float, int]]) -> None:
    content, path = bytearray(whole(folder)), folder / "flipped.model"
    for share, bit in flips:
        content[int(share * len(content))] ^= 1 << bit
    path.write_bytes(content)
    try:
        scores = AnomalyDetector.load(path).score(X)
    except InvalidModelFile:
        return
    np.testing.assert_array_equal(scores, AnomalyDetector("pca").fit(X).score(X))


def test_a_changed_member_is_named(folder: Path) -> None:
    sound = parts(folder)
    for name, content in sound.members.items():
        changed = content[:-1] + bytes([content[-1] ^ 1])
        path = sound.with_member(name, changed).written(folder / "changed.model", hashed=False)
        refused(path, f"{name} is not what was written")


def test_members_that_the_manifest_does_not_list_are_refused(folder: Path) -> None:
    sound, path = parts(folder), folder / "members.model"
    refused(sound.with_member("extra.npy", npy(X)).written(path, hashed=False), "members")
    for name in sound.members:
        rest = {key: content for key, content in sound.members.items() if key != name}
        refused(replace(sound, members=rest).written(path, hashed=False), "members")
        refused(replace(sound, members=rest).written(path))


def test_a_member_that_is_there_twice_is_refused(folder: Path) -> None:
    path = parts(folder).written(folder / "twice.model")
    with zipfile.ZipFile(path, "a") as archive, pytest.warns(UserWarning, match="Duplicate"):
        archive.writestr("model/typical.npy", npy(X))
    refused(path, "members")


def test_compressed_members_are_not_inflated(folder: Path) -> None:
    path = parts(folder).written(folder / "packed.model", compression=zipfile.ZIP_DEFLATED)
    refused(path, "is not stored as")
    bomb = parts(folder).with_member("detector/centre.npy", bytes(50_000_000))
    path = bomb.written(folder / "bomb.model", compression=zipfile.ZIP_DEFLATED)
    assert path.stat().st_size < 100_000
    refused(path, "is not stored as")


def test_a_file_of_a_newer_version_says_what_to_do(folder: Path) -> None:
    path = parts(folder).with_manifest(version=2).written(folder / "newer.model")
    assert "pip install --upgrade" in refused(path, "newer version").fix


@pytest.mark.parametrize("version", [None, 0, -1, "1", 1.5, True, [], float("inf"), float("nan")])
def test_a_version_that_is_none_is_refused(version: Any, folder: Path) -> None:
    refused(parts(folder).with_manifest(version=version).written(folder / "version.model"))


@pytest.mark.parametrize(
    "text", ["", "null", "[]", "[" * 100_000, '{"format": 3}', '"', "\ufeff{}", "{}", "1e999", "\x00"]
)
def test_a_manifest_that_is_none_is_refused(text: str, folder: Path) -> None:
    path = folder / "manifest.model"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(MANIFEST, text)
    refused(path)


@pytest.mark.parametrize("wrong", [None, "x", -1, 1e308, float("inf"), [], {}, [1], {"a": 1}], ids=repr)
def test_values_of_another_kind_are_refused_or_scored(wrong: Any, folder: Path) -> None:
    sound = parts(folder, "isolation_forest")
    for key in sound.manifest["model"]:
        assert_refused_or_scored(sound.with_model(**{key: wrong}).written(folder / "values.model"))
    for place in ("preprocessor", "training"):
        for key in sound.manifest["model"][place]:
            values = {**sound.manifest["model"][place], key: wrong}
            assert_refused_or_scored(sound.with_model(**{place: values}).written(folder / "values.model"))


@pytest.mark.parametrize("algorithm", ["none_such", "knn", "pyod:SOS", "os:system", "../pca", ""])
def test_a_model_under_the_name_of_another_algorithm_is_refused(algorithm: str, folder: Path) -> None:
    refused(parts(folder).with_model(algorithm=algorithm).written(folder / "renamed.model"))


@pytest.mark.parametrize("name", SAVING)
def test_arrays_of_another_shape_or_type_are_refused_or_scored(name: str, folder: Path) -> None:
    sound = parts(folder, name)
    for member, content in sound.members.items():
        if member.endswith(".npy"):
            for wrong in misshapen(np.load(io.BytesIO(content))):
                assert_refused_or_scored(
                    sound.with_member(member, npy(wrong)).written(folder / "arrays.model")
                )


@pytest.mark.parametrize(
    ("name", "member"),
    [
        ("pca", "scaler/centre.npy"),
        ("pca", "scaler/width.npy"),
        ("pca", "calibration/knots.npy"),
        ("pca", "model/typical.npy"),
        ("inne", "detector/radii.npy"),
        ("inne", "detector/ratios.npy"),
        ("inne", "detector/centres.npy"),
        ("ensemble", "detector/2.scaler.centre.npy"),
        ("ensemble", "detector/1.typical.row.npy"),
    ],
)
def test_an_array_shorter_than_those_it_goes_with_is_refused(name: str, member: str, folder: Path) -> None:
    sound = parts(folder, name)
    array = np.load(io.BytesIO(sound.members[member]))
    refused(sound.with_member(member, npy(array[..., :-1])).written(folder / "short.model"), "do not fit")


@pytest.mark.parametrize("bandwidth", [0, -1, float("nan")])
def test_a_kernel_without_width_is_refused(bandwidth: float, folder: Path) -> None:
    path = parts(folder, "kde").with_model(detector={"bandwidth": bandwidth}).written(folder / "kernel.model")
    refused(path, "do not fit")


def misshapen(array: NDArray[Any]) -> Iterator[NDArray[Any]]:
    yield array.ravel()[:1]
    yield array.ravel()[:0]
    yield array[None]
    yield array.ravel()
    yield array.astype(np.str_)
    yield array.astype(np.complex128)
    yield np.zeros(array.shape, "datetime64[s]")


def assert_refused_or_scored(path: Path) -> None:
    try:
        loaded = AnomalyDetector.load(path)
    except InvalidModelFile as refusal:
        assert str(path) in refusal.detail  # noqa: PT017  # being scored is as good
        return
    scores = loaded.score(X)
    assert scores.shape == (40,)
    assert ((scores >= 0) & (scores <= 1)).all()


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(npy(np.array([print], dtype=object), allow_pickle=True), id="a pickle in an array"),
        pytest.param(b"PK\x03\x04", id="an archive"),
        pytest.param(pickle.dumps(1), id="a pickle"),
        pytest.param(b"", id="nothing"),
        pytest.param(npy(X).replace(b"(40, 3)", b"(99,99)"), id="more rows than there are"),
        pytest.param(npy(X).replace(b"'<f8'", b"'|O8'"), id="objects"),
        pytest.param(npy(X).replace(b"'<f8'", b"exit("), id="code"),
    ],
)
def test_a_member_that_is_no_array_is_refused(content: bytes, folder: Path) -> None:
    path = parts(folder).with_member("detector/centre.npy", content).written(folder / "content.model")
    refused(path, r"detector/centre\.npy")


LOAD = """
import sys
from anomaly_detection import AnomalyDetector
from core.domain.errors import Invalid
try:
    AnomalyDetector.load(sys.argv[1])
except Invalid:
    sys.exit(7 if "intruder" not in sys.modules else 1)
"""


def foreign_schema(blob: bytes) -> bytes:
    """A stored estimator whose outermost class is one of the module ``intruder``."""
    source, target = zipfile.ZipFile(io.BytesIO(blob)), io.BytesIO()
    with source, zipfile.ZipFile(target, "w") as archive:
        for name in source.namelist():
            content = source.read(name)
            if name == "schema.json":
                schema = json.loads(content) | {"__module__": "intruder", "__class__": "Estimator"}
                content = json.dumps(schema).encode()
            archive.writestr(name, content)
    return target.getvalue()


@pytest.mark.parametrize(
    "spoilt",
    [
        pytest.param(lambda p: p.with_model(algorithm="intruder:Estimator"), id="as an algorithm"),
        pytest.param(lambda p: p.with_model(algorithm="pyod:intruder.Estimator"), id="as a class of PyOD"),
        pytest.param(
            lambda p: replace(
                p,
                members={
                    name: foreign_schema(content) if name.endswith(".bin") else content
                    for name, content in p.members.items()
                },
            ),
            id="in a stored estimator",
        ),
    ],
)
def test_a_module_that_the_file_names_is_not_imported(
    spoilt: Callable[[Parts], Parts], folder: Path, tmp_path: Path
) -> None:
    (tmp_path / "intruder.py").write_text("class Estimator: ...\n")
    path = spoilt(parts(folder, "pyod:ABOD")).written(tmp_path / "one.model")
    command = [sys.executable, "-c", LOAD, str(path)]
    assert subprocess.run(command, cwd=tmp_path, env=environment(), check=False).returncode == 7
