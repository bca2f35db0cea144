"""Bytes read once, forward, with a look ahead; compressed ones are decompressed on the way."""

import gzip
import io
import zlib
from collections.abc import Callable
from typing import BinaryIO

import pyarrow as pa

from data_platform.application.refusals import InvalidTable, Unreadable

CHUNK = 1 << 20
GZIP, ZSTANDARD = b"\x1f\x8b", b"\x28\xb5\x2f\xfd"


class ForwardReader(io.RawIOBase):
    """What ``more(size)`` gives (empty at the end), readable as a file that cannot be rewound."""

    def __init__(self, more: Callable[[int], bytes], *, owned: tuple[BinaryIO | io.IOBase, ...] = ()) -> None:
        """``owned`` files are closed with this one."""
        super().__init__()
        self._more = more
        self._ahead = b""
        self._owned = owned

    def close(self) -> None:
        for file in self._owned:
            file.close()
        super().close()

    def readable(self) -> bool:
        return True

    def peek(self, size: int) -> bytes:
        """The next ``size`` bytes, fewer only at the end; they are still to be read."""
        parts, length = [self._ahead], len(self._ahead)
        while length < size and (chunk := self._more(max(size - length, 1 << 16))):
            parts.append(chunk)
            length += len(chunk)
        self._ahead = b"".join(parts)
        return self._ahead[:size]

    def read(self, size: int = -1) -> bytes:
        if size < 0:
            return b"".join(iter(lambda: self.read(CHUNK), b""))
        # In full: Arrow takes a short read for a short block, which a long row may not fit into.
        taken = self.peek(size)
        self._ahead = self._ahead[len(taken) :]
        return taken

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]  # RawIOBase: any writable buffer
        taken = self.read(len(buffer))
        buffer[: len(taken)] = taken
        return len(taken)


def byte_stream(file: BinaryIO, name: str) -> tuple[ForwardReader, str]:
    """The file's bytes, decompressed, and ``"gzip"``, ``"zstandard"`` or ``""``. Raises Unreadable, InvalidTable."""

    def more(size: int) -> bytes:
        try:
            return file.read(size) or b""
        except (OSError, ValueError) as error:
            raise Unreadable(
                f"{name} cannot be read: {error}.", fix="Check the file and its disk."
            ) from error

    raw = ForwardReader(more, owned=(file,))
    start = raw.peek(4)
    if start.startswith(GZIP):
        return _decompressed(gzip.GzipFile(fileobj=raw, mode="rb"), raw, name, "gzip"), "gzip"
    if start.startswith(ZSTANDARD):
        opened = pa.CompressedInputStream(pa.PythonFile(raw, mode="r"), "zstd")
        return _decompressed(opened, raw, name, "zstandard"), "zstandard"
    return raw, ""


def _decompressed(file: gzip.GzipFile | BinaryIO, raw: ForwardReader, name: str, kind: str) -> ForwardReader:
    given = 0

    def more(size: int) -> bytes:
        nonlocal given
        try:
            chunk = file.read(max(size, 1 << 16))
        except (EOFError, OSError, zlib.error) as error:
            cut = isinstance(error, EOFError) or "truncated" in str(error).casefold()
            raise InvalidTable(
                f"{name} is {kind}-compressed and {'ends too early' if cut else 'damaged'}, after {given:,} "
                "decompressed bytes.",
                fix="Copy or download it again; compare its size with the original's.",
            ) from error
        given += len(chunk)
        return chunk

    return ForwardReader(more, owned=(raw,))
