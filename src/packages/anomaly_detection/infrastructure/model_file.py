"""A fitted model as one file: a zip of a manifest and arrays, checked on reading, that runs no code.

The inner hashes find damage. They do not say who made the file: whoever can write it can write its hashes.
"""

import hashlib
import io
import json
import os
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

import numpy as np
from numpy.typing import NDArray

from anomaly_detection.application.ports import Catalogue
from anomaly_detection.domain.detector import CannotBeSaved
from anomaly_detection.domain.fitted_model import FittedModel
from anomaly_detection.infrastructure.detectors.foreign import MissingExtra, sentence
from anomaly_detection.infrastructure.model_manifest import InvalidModelFile, Packed, pack, unpack
from core.domain.errors import Conflict, DomainError, NotFound, Unwritable
from core.domain.suggestion import did_you_mean

FORMAT = "anomaly_detection.model"
VERSION = 1
MANIFEST = "manifest.json"
LARGEST_MANIFEST = 64 * 2**20  # bytes; a vocabulary of a million categories is below it
LARGEST_MEMBER = 8 * 2**30
LIBRARIES = ("anomaly_detection", "numpy", "polars", "pyod", "scikit-learn")
OLD_DATE = (1980, 1, 1, 0, 0, 0)  # in place of the clock: equal models are equal bytes


class ModelNotFound(NotFound):
    title = "No such model"


class ModelExists(Conflict):
    title = "A file is in the model's place"


@dataclass(frozen=True, slots=True)
class ZipModelFiles:
    """The port ``ModelFiles`` on a file system."""

    catalogue: Catalogue

    def check_can_save(self, algorithm: str, path: Path, *, force: bool = False) -> None:
        entry = self.catalogue.algorithm(algorithm)
        if not entry.saves:
            raise CannotBeSaved(
                f"{entry.name} cannot be stored without pickle.",
                fix="Choose another algorithm, or score at once with `anomaly_detection detect`.",
            )
        if path.exists() and not force:
            raise ModelExists(f"{path} exists.", fix="Choose another name, or replace it with --force.")
        if path.is_dir() or not path.parent.is_dir() or not os.access(path.parent, os.W_OK):
            raise unwritable(
                path, "no folder that can be written to" if not path.is_dir() else "it is a folder"
            )

    def save(self, model: FittedModel, path: Path, *, force: bool = False) -> None:
        self.check_can_save(model.algorithm.name, path, force=force)
        packed = pack(model)
        members = {name: npy_bytes(array) for name, array in packed.arrays.items()} | dict(packed.blobs)
        manifest = {
            "format": FORMAT,
            "version": VERSION,
            "libraries": {name: version(name) for name in LIBRARIES},
            "members": {name: hashlib.sha256(content).hexdigest() for name, content in members.items()},
            "model": packed.values,
        }
        text = json.dumps(manifest, allow_nan=False, ensure_ascii=False, indent=1).encode()
        write_whole(path, {MANIFEST: text} | members)

    def verify(self, path: Path) -> None:
        with opened(path) as archive:
            for _ in checked_members(path, archive, read_manifest(path, archive)):
                pass

    def load(self, path: Path) -> FittedModel:
        with opened(path) as archive:
            return self._read(path, archive)

    def _read(self, path: Path, archive: zipfile.ZipFile) -> FittedModel:
        manifest = read_manifest(path, archive)
        arrays: dict[str, NDArray[np.generic]] = {}
        blobs: dict[str, bytes] = {}
        for name, content in checked_members(path, archive, manifest):
            if name.endswith(".npy"):
                arrays[name] = read_array(path, name, content)
            else:
                blobs[name] = content
        try:
            return unpack(Packed(manifest["model"], arrays, blobs), self.catalogue)
        except MissingExtra:
            raise
        except DomainError as error:
            raise damaged(path, error.detail.rstrip(".")) from error
        except Exception as error:  # so do crafted parts with what restores them
            raise damaged(path, f"its parts do not fit together ({type(error).__name__})") from error


@contextmanager
def opened(path: Path) -> Iterator[zipfile.ZipFile]:
    """The archive; whatever goes wrong with it is a ModelNotFound or an InvalidModelFile."""
    try:
        with path.open("rb") as file:
            start = file.read(4)
            refuse_unlike_a_model(path, start)
            yield zipfile.ZipFile(file)
    except (FileNotFoundError, NotADirectoryError):
        raise missing(path) from None
    except IsADirectoryError:
        raise InvalidModelFile(f"{path} is a folder.", fix="Name the model file in it.") from None
    except PermissionError:
        raise ModelNotFound(f"{path} cannot be read: permission denied.", fix="Check its mode.") from None
    except DomainError:
        raise
    except Exception as error:  # crafted archives make zipfile fail in every way there is
        raise damaged(path, sentence(error).rstrip(".")) from error


def checked_members(
    path: Path, archive: zipfile.ZipFile, manifest: Mapping[str, Any]
) -> Iterator[tuple[str, bytes]]:
    """Members with their content, one in memory at a time. Raises InvalidModelFile."""
    for name, digest in manifest["members"].items():
        content = read_member(path, archive, name)
        if hashlib.sha256(content).hexdigest() != digest:
            raise damaged(path, f"{name} is not what was written")
        yield name, content


def refuse_unlike_a_model(path: Path, start: bytes) -> None:
    """Raises InvalidModelFile for what is not a zip archive, and says so of pickles."""
    if start.startswith(b"PK"):
        return
    if start[:1] == b"\x80":
        raise InvalidModelFile(
            f"{path} is a pickle, which can run code when it is read; it was not opened.",
            fix="Train a model with `anomaly_detection train` and use its file.",
        )
    what = "is empty" if not start else "is not a model file"
    raise InvalidModelFile(f"{path} {what}.", fix="Name a file that `anomaly_detection train` wrote.")


def read_manifest(path: Path, archive: zipfile.ZipFile) -> dict[str, Any]:
    """The checked manifest. Raises InvalidModelFile."""
    if MANIFEST not in archive.namelist():
        raise InvalidModelFile(
            f"{path} is a zip archive without {MANIFEST}: not a model file.",
            fix="Name a file that `anomaly_detection train` wrote.",
        )
    if archive.getinfo(MANIFEST).file_size > LARGEST_MANIFEST:
        raise damaged(path, f"{MANIFEST} is too large")
    text = read_member(path, archive, MANIFEST)
    try:
        manifest = json.loads(text)
        right = manifest["format"] == FORMAT
        number = manifest["version"]
        members = dict(manifest["members"])
    except (ValueError, KeyError, TypeError, RecursionError):
        raise damaged(path, f"{MANIFEST} cannot be read") from None
    if not right:
        raise InvalidModelFile(f"{path} is not a model file.", fix="Name a file that `train` wrote.")
    if type(number) is not int or number < 1:
        raise damaged(path, f"{number!r} is not a version")
    if number > VERSION:
        raise InvalidModelFile(
            f"{path} was written by a newer version (model format {number}; this one reads up to {VERSION}).",
            fix="Upgrade: pip install --upgrade anomaly_detection.",
        )
    if sorted([*members, MANIFEST]) != sorted(archive.namelist()):
        raise damaged(path, "its members are not those its manifest lists")
    return dict(manifest)


def read_member(path: Path, archive: zipfile.ZipFile, name: str) -> bytes:
    """The member's bytes. Raises InvalidModelFile where it is not stored as this class stores it."""
    member = archive.getinfo(name)
    if member.compress_type != zipfile.ZIP_STORED or member.file_size > LARGEST_MEMBER:
        raise damaged(path, f"{name} is not stored as a model file stores it")
    return archive.read(member)


def read_array(path: Path, name: str, content: bytes) -> NDArray[np.generic]:
    """The array of numbers, never unpickled. Raises InvalidModelFile."""
    try:
        array: NDArray[np.generic] = np.lib.format.read_array(io.BytesIO(content), allow_pickle=False)
    except Exception as error:  # NumPy parses the header as Python, which fails in every way there is
        raise damaged(path, f"{name} is not a plain array") from error
    if array.dtype.kind not in "biuf":
        raise damaged(path, f"{name} does not hold numbers")
    return array


def npy_bytes(array: NDArray[np.generic]) -> bytes:
    buffer = io.BytesIO()
    np.save(buffer, array, allow_pickle=False)
    return buffer.getvalue()


def write_whole(path: Path, members: Mapping[str, bytes]) -> None:
    """Write the archive under another name beside ``path``, then rename it. Raises Unwritable."""
    temporary: Path | None = None
    try:
        with NamedTemporaryFile(
            dir=path.parent, prefix=f".{path.name}.", suffix=".part", delete=False
        ) as file:
            temporary = Path(file.name)
            with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
                for name, content in members.items():
                    archive.writestr(zipfile.ZipInfo(name, OLD_DATE), content)
            file.flush()
            os.fsync(file.fileno())
        temporary.chmod(0o644)
        temporary.replace(path)
    except OSError as error:
        raise unwritable(path, error.strerror or str(error)) from None
    finally:
        if temporary is not None:
            with suppress(FileNotFoundError):
                temporary.unlink()


def missing(path: Path) -> ModelNotFound:
    folder = path.parent
    names = sorted(p.name for p in folder.glob("*.model")) if folder.is_dir() else []
    fix = did_you_mean(path.name, names) if names else "Train one: anomaly_detection train --data FILE."
    return ModelNotFound(f"There is no model file {path}.", fix=fix)


def unwritable(path: Path, reason: str) -> Unwritable:
    return Unwritable(
        f"The model cannot be written to {path}: {reason}.",
        fix="Choose a folder that exists, may be written to and has room.",
    )


def damaged(path: Path, what: str) -> InvalidModelFile:
    return InvalidModelFile(
        f"{path} is damaged or was changed: {what}.",
        fix="Copy it again from where it was trained, or train anew.",
    )
