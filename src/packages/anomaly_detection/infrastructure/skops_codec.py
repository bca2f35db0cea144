"""Fitted estimators of scikit-learn and PyOD as bytes that run no code when they are read.

skops trusts every estimator of scikit-learn and more. Here only the types of ``ALLOWED`` may occur, in the kinds of
node that set attributes of plain objects: no functions, methods, constructors with arguments, or structures whose
indices compiled code follows unchecked (trees, support vector machines).
"""

import io
import json
import zipfile
from typing import Any

import numpy as np

from core.domain.errors import Invalid

MODELS = "pyod.models"
ESTIMATORS = frozenset(
    {
        f"{MODELS}.{name}"
        for name in (
            "abod.ABOD",
            "cblof.CBLOF",
            "copod.COPOD",
            "ecod.ECOD",
            "gmm.GMM",
            "hbos.HBOS",
            "inne.INNE",
            "knn.KNN",
            "kpca.KPCA",
            "kpca.PyODKernelPCA",
            "loda.LODA",
            "lof.LOF",
            "mcd.MCD",
            "pca.PCA",
            "qmcd.QMCD",
            "rod.ROD",
        )
    }
    | {
        f"sklearn.{name}"
        for name in (
            "cluster._kmeans.KMeans",
            "covariance._robust_covariance.MinCovDet",
            "decomposition._pca.PCA",
            "mixture._gaussian_mixture.GaussianMixture",
            "neighbors._lof.LocalOutlierFactor",
            "neighbors._unsupervised.NearestNeighbors",
            "preprocessing._data.KernelCenterer",
            "preprocessing._data.MinMaxScaler",
            "preprocessing._data.RobustScaler",
            "preprocessing._data.StandardScaler",
        )
    }
)
ARRAYS = frozenset(
    {"numpy.ndarray"}
    | {f"numpy.{name}" for name in ("bool", "bool_", "float32", "float64", "int32", "int64", "intp", "str_")}
)
PLAIN = frozenset({f"builtins.{name}" for name in ("bool", "float", "int", "str")})
ALLOWED: dict[str, frozenset[str]] = {
    "CachedNode": ESTIMATORS | ARRAYS | PLAIN | {"builtins.dict", "builtins.list", "builtins.tuple"},
    "DictNode": frozenset({"builtins.dict"}),
    "JsonNode": PLAIN,
    "ListNode": frozenset({"builtins.list"}),
    "NdArrayNode": ARRAYS,
    "ObjectNode": ESTIMATORS,
    "RandomStateNode": frozenset({"numpy.random.mtrand.RandomState"}),
    "TupleNode": frozenset({"builtins.tuple"}),
    "TypeNode": PLAIN,
}
TRUSTED = sorted(frozenset().union(*ALLOWED.values()))
SCHEMA = "schema.json"
LARGEST_SCHEMA = 64 * 2**20  # bytes
LARGEST = 4 * 2**30


class UnreadableBlob(Invalid):
    title = "A part of the model was tampered with or is damaged"


def dumps(estimator: object) -> bytes:
    """The estimator as ``loads`` reads it."""
    from skops.io import dumps as skops_dumps

    return bytes(skops_dumps(estimator))


def loads(blob: bytes, *, expected: str) -> Any:
    """The estimator of the type ``expected`` (a dotted name). Raises UnreadableBlob."""
    try:
        with zipfile.ZipFile(io.BytesIO(blob)) as archive:
            check_members(archive)
            check_types(json.loads(archive.read(SCHEMA)), expected=expected)
    except UnreadableBlob:
        raise
    except (
        zipfile.BadZipFile,
        EOFError,
        OSError,
        KeyError,
        ValueError,
        RecursionError,
        NotImplementedError,
    ) as error:
        raise unreadable(f"it cannot be read ({type(error).__name__})") from error
    from skops.io import loads as skops_loads

    try:
        return skops_loads(blob, trusted=TRUSTED)
    except Exception as error:  # crafted contents make skops and scikit-learn fail in every way there is
        raise unreadable(f"its parts do not fit together ({type(error).__name__})") from error


def check_members(archive: zipfile.ZipFile) -> None:
    """No member is packed, nor larger than it says; arrays hold the bytes their headers promise."""
    members = archive.infolist()
    if any(m.compress_type != zipfile.ZIP_STORED or m.file_size != m.compress_size for m in members):
        raise unreadable("a member is compressed")
    if sum(m.file_size for m in members) > LARGEST or archive.getinfo(SCHEMA).file_size > LARGEST_SCHEMA:
        raise unreadable("it is too large")
    for member in members:
        if member.filename.endswith(".npy"):
            check_array(archive.read(member))
        elif member.filename != SCHEMA:
            raise unreadable(f"{member.filename} is no part of an estimator")


def check_array(content: bytes) -> None:
    stream = io.BytesIO(content)
    version = np.lib.format.read_magic(stream)
    if version != (1, 0):
        raise unreadable("an array is in another version of its format")
    shape, _, dtype = np.lib.format.read_array_header_1_0(stream)
    if dtype.hasobject or len(content) - stream.tell() != dtype.itemsize * int(np.prod(shape, dtype=object)):
        raise unreadable("an array is not what its header says")


def check_types(schema: Any, *, expected: str) -> None:
    """Every node is of an allowed kind and type, and the outermost of the expected one."""
    if type_of(schema) != expected:
        raise unreadable(f"it holds {type_of(schema)} in place of {expected}")
    to_check = [schema]
    while to_check:
        node = to_check.pop()
        if isinstance(node, list):
            to_check.extend(node)
        elif isinstance(node, dict):
            to_check.extend(node.values())
            if node.keys() & {"__loader__", "__module__", "__class__"}:
                check_node(node)


def check_node(node: dict[str, Any]) -> None:
    kind = node.get("__loader__")
    if not isinstance(kind, str) or type_of(node) not in ALLOWED.get(kind, frozenset()):
        raise unreadable(f"it holds {type_of(node)}, which no stored model contains")


def type_of(node: Any) -> str:
    if not isinstance(node, dict):
        return "nothing"
    return f"{node.get('__module__')}.{node.get('__class__')}"


def unreadable(why: str) -> UnreadableBlob:
    return UnreadableBlob(
        f"A stored estimator was not opened: {why}.", fix="Train the model again, or fetch the file again."
    )
