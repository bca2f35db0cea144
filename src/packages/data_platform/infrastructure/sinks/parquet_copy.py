"""A table as one Parquet file, to be sent elsewhere."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from core.domain.errors import Invalid
from data_platform.application.ports import Table
from data_platform.infrastructure.readers.spool import SpoolSettings, check_limit, writing_temporary
from data_platform.infrastructure.sinks.open_sink import open_sink


class NothingToSend(Invalid):
    title = "The table has no rows"


@contextmanager
def parquet_copy(table: Table, *, spool: SpoolSettings) -> Iterator[tuple[Path, int]]:
    """The file, which is gone when the block ends, and how many rows it has. Raises NothingToSend, SpoolFull, Unwritable."""
    with writing_temporary(spool, table.name):
        folder = TemporaryDirectory(dir=spool.folder, prefix="anomaly_detection-", ignore_cleanup_errors=True)
    with folder:
        path, rows = Path(folder.name) / "rows.parquet", 0
        with open_sink(path, force=False) as sink:
            for frame in table.batches():
                sink.write(frame)
                rows += len(frame)
                check_limit(sum(part.stat().st_size for part in path.parent.iterdir()), spool, table.name)
            if not rows:
                raise NothingToSend(f"{table.name} has no rows.", fix="Give a table with at least one row.")
        yield path, rows
