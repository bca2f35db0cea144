import io
import json
import zipfile
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from sklearn.preprocessing import StandardScaler

from anomaly_detection.domain.detector import DetectorState
from anomaly_detection.infrastructure import skops_codec
from anomaly_detection.infrastructure.detectors.catalogue import detector
from anomaly_detection.infrastructure.skops_codec import SCHEMA, UnreadableBlob

SCALER = "sklearn.preprocessing._data.StandardScaler"


@pytest.fixture(scope="module")
def blob() -> bytes:
    return skops_codec.dumps(StandardScaler().fit(np.random.default_rng(0).normal(size=(20, 3))))


def rewritten(blob: bytes, change: Callable[[dict[str, bytes]], None], *, packed: bool = False) -> bytes:
    """The archive with its members changed."""
    with zipfile.ZipFile(io.BytesIO(blob)) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    change(members)
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED if packed else zipfile.ZIP_STORED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def with_schema(blob: bytes, change: Callable[[dict[str, Any]], object]) -> bytes:
    def apply(members: dict[str, bytes]) -> None:
        schema = json.loads(members[SCHEMA])
        change(schema)
        members[SCHEMA] = json.dumps(schema).encode()

    return rewritten(blob, apply)


def attributes(schema: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = schema["content"]["content"]
    return found


def test_what_was_stored_comes_back(blob: bytes) -> None:
    x = np.arange(6.0).reshape(2, 3)

    scaler = skops_codec.loads(blob, expected=SCALER)

    assert isinstance(scaler, StandardScaler)
    np.testing.assert_array_equal(
        scaler.transform(x),
        StandardScaler().fit(np.random.default_rng(0).normal(size=(20, 3))).transform(x),
    )


def node(kind: str, module: str, name: str, **more: object) -> dict[str, object]:
    return {"__loader__": kind, "__module__": module, "__class__": name, "__id__": 4711, **more}


ARGUMENTS = node("TupleNode", "builtins", "tuple", content=[])


@pytest.mark.parametrize(
    "foreign",
    [
        node("FunctionNode", "os", "system", content="x"),
        node("FunctionNode", "numpy", "add"),
        node("TypeNode", "os", "system"),
        node("ObjectNode", "subprocess", "Popen"),
        node("ObjectNode", "sklearn.svm._classes", "OneClassSVM"),
        node("TreeNode", "sklearn.tree._tree", "Tree"),
        node("MethodNode", "builtins", "str", content={"func": "format", "obj": ARGUMENTS}),
        node("PartialNode", "functools", "partial", content={}),
        node("OperatorFuncNode", "operator", "methodcaller", attrs=ARGUMENTS),
        node("ConstructorFromReduceNode", "builtins", "int", content=ARGUMENTS),
        node("ObjectNode", "builtins", "dict"),
        {"__loader__": "ObjectNode"},
        {"__class__": "system", "__module__": "os"},
    ],
    ids=lambda n: "-".join(str(n.get(k)) for k in ("__loader__", "__module__", "__class__")),
)
def test_any_other_type_is_refused(blob: bytes, foreign: dict[str, object]) -> None:
    crafted = with_schema(blob, lambda schema: attributes(schema).update(mean_=foreign))

    with pytest.raises(UnreadableBlob, match="no stored model contains"):
        skops_codec.loads(crafted, expected=SCALER)


def test_a_stored_estimator_of_another_type_is_refused(blob: bytes) -> None:
    with pytest.raises(UnreadableBlob, match="in place of"):
        skops_codec.loads(blob, expected="pyod.models.knn.KNN")


def test_a_truncated_blob_is_refused_wherever_it_ends(blob: bytes) -> None:
    for length in (0, 1, 10, len(blob) // 2, len(blob) - 1):
        with pytest.raises(UnreadableBlob):
            skops_codec.loads(blob[:length], expected=SCALER)


def test_flipped_bytes_never_give_another_error(blob: bytes) -> None:
    refused = 0
    for position in np.random.default_rng(0).integers(0, len(blob), size=60):
        damaged = bytearray(blob)
        damaged[position] ^= 0x5A
        try:
            skops_codec.loads(bytes(damaged), expected=SCALER)
        except UnreadableBlob:
            refused += 1

    assert refused > 30


def test_packed_members_are_refused_unread(blob: bytes) -> None:
    bomb = rewritten(blob, lambda members: members.update({"zeros.npy": bytes(10_000_000)}), packed=True)

    with pytest.raises(UnreadableBlob, match="compressed"):
        skops_codec.loads(bomb, expected=SCALER)


def test_an_array_that_promises_more_than_it_has_is_refused(blob: bytes) -> None:
    header = io.BytesIO()
    np.lib.format.write_array_header_1_0(header, {"descr": "<f8", "fortran_order": False, "shape": (10**12,)})

    def swell(members: dict[str, bytes]) -> None:
        members[next(name for name in members if name.endswith(".npy"))] = header.getvalue()

    with pytest.raises(UnreadableBlob, match="header"):
        skops_codec.loads(rewritten(blob, swell), expected=SCALER)


def test_pickled_arrays_are_refused(blob: bytes) -> None:
    buffer = io.BytesIO()
    np.save(buffer, np.array([{"a": 1}], dtype=object), allow_pickle=True)

    def pickle(members: dict[str, bytes]) -> None:
        members[next(name for name in members if name.endswith(".npy"))] = buffer.getvalue()

    with pytest.raises(UnreadableBlob, match="header"):
        skops_codec.loads(rewritten(blob, pickle), expected=SCALER)


def test_a_deeply_nested_schema_is_refused(blob: bytes) -> None:
    nested = b'{"content":' * 100_000 + b"{}" + b"}" * 100_000

    with pytest.raises(UnreadableBlob):
        skops_codec.loads(rewritten(blob, lambda m: m.update({SCHEMA: nested})), expected=SCALER)


def test_parts_that_do_not_fit_together_are_refused_on_restoring() -> None:
    made = detector("pyod:KNN", {}, seed=0)
    made.fit(np.random.default_rng(0).normal(size=(30, 3)))
    state = made.state()
    name, content = next(iter(state.blobs.items()))
    crafted = with_schema(content, lambda schema: attributes(schema).pop("neigh_"))

    with pytest.raises(UnreadableBlob, match="no score"):
        detector("pyod:KNN", {}, seed=0).restore(DetectorState(state.values, state.arrays, {name: crafted}))
