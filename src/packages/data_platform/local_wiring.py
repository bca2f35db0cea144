"""Puts together what works on one person's files: without a database, whose libraries are slow to import."""

from functools import partial
from pathlib import Path

from data_platform.api import DataPlatform
from data_platform.application.generate_series import GenerateSeries
from data_platform.application.generate_table import GenerateTable
from data_platform.application.profile_table import ProfileTable
from data_platform.infrastructure.readers.open_table import open_table
from data_platform.infrastructure.readers.spool import SpoolSettings
from data_platform.infrastructure.sinks.open_sink import open_sink
from data_platform.infrastructure.sinks.output_folder import StagedFolder
from data_platform.infrastructure.sinks.parquet_copy import parquet_copy

GIGABYTE = 1 << 30


def build(*, spool_dir: Path | None = None, spool_limit_gb: float = 20) -> DataPlatform:
    """The context; rows that can be read only once are kept below ``spool_dir`` (None: the system's folder)."""
    spool = SpoolSettings(spool_dir, int(spool_limit_gb * GIGABYTE))
    return DataPlatform(
        open_table=partial(open_table, spool=spool),
        open_sink=open_sink,
        parquet_copy=partial(parquet_copy, spool=spool),
        profile=ProfileTable(),
        generate_series=GenerateSeries(open_sink, StagedFolder),
        generate_table=GenerateTable(open_sink),
    )
