"""Rows as an Arrow IPC stream."""

import struct
from collections.abc import Iterator
from typing import Any

import pyarrow as pa

from anomaly_detection.application.scoring.limits import require_few, require_narrow
from core.domain.errors import Invalid
from data_platform.api import Table, frame_table

ARROW = "application/vnd.apache.arrow.stream"
DICTIONARY, RECORDS = 2, 3  # types of messages: Message.fbs of Arrow's format


class InvalidArrow(Invalid):
    title = "The body is no Arrow stream that is read here"


def arrow_table(body: bytes) -> Table:
    """Raises InvalidArrow, TooManyRows, TooHeavy."""
    try:
        _refuse_compressed(body)
        batches: list[pa.RecordBatch] = []
        rows = 0
        with pa.ipc.open_stream(body) as stream:
            columns = len(stream.schema.names)
            require_narrow(0, columns)
            for batch in stream:
                rows += batch.num_rows
                require_few(rows)
                require_narrow(rows, columns)
                batch.validate(full=True)
                batches.append(batch)
            table = pa.Table.from_batches(batches, stream.schema)
    except (pa.ArrowException, ValueError, OSError, struct.error, IndexError) as error:
        if isinstance(error, Invalid):
            raise
        raise InvalidArrow("It cannot be read.", fix="Send what pyarrow.ipc.new_stream writes.") from error
    return frame_table(table)


def _refuse_compressed(body: bytes) -> None:
    """A few compressed bytes become gigabytes. Raises InvalidArrow."""
    for message in pa.ipc.MessageReader.open_stream(body):
        metadata = memoryview(message.metadata).tobytes()
        if any(_is_compressed(metadata, start) for start in _records(metadata)):
            raise InvalidArrow("Its buffers are compressed.", fix="Write it without the option compression.")


def _records(metadata: bytes) -> Iterator[int]:
    """Where in a message its record batch begins."""
    (root,) = struct.unpack_from("<I", metadata, 0)
    kind = _field(metadata, root, 1)
    header = _field(metadata, root, 2)
    if kind is None or header is None:
        return
    found = header + struct.unpack_from("<I", metadata, header)[0]
    if metadata[kind] == RECORDS:
        yield found
    elif metadata[kind] == DICTIONARY:
        inner = _field(metadata, found, 1)
        if inner is not None:
            yield inner + struct.unpack_from("<I", metadata, inner)[0]


def _is_compressed(metadata: bytes, records: int) -> bool:
    return _field(metadata, records, 3) is not None


def _field(metadata: bytes, table: int, number: int) -> int | None:
    """Where a field of a FlatBuffers table is; None where it is absent."""
    (back,) = struct.unpack_from("<i", metadata, table)
    vtable = table - back
    (size,) = struct.unpack_from("<H", metadata, vtable)
    slot = 4 + 2 * number
    if slot + 2 > size:
        return None
    (offset,) = struct.unpack_from("<H", metadata, vtable + slot)
    return table + offset if offset else None


def arrow_bytes(table: pa.Table) -> bytes:
    sink: Any = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    return bytes(sink.getvalue())
