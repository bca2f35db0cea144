"""What the contexts above may use of data_platform."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from core.application.files import TenantFiles
from data_platform.application.datasets.append_rows import AppendRows
from data_platform.application.datasets.change_dataset import ChangeDataset, DeleteDataset
from data_platform.application.datasets.create_dataset import CreateDataset
from data_platform.application.datasets.ports import DatasetQueries, DatasetView, RowFiles
from data_platform.application.datasets.ports import VersionView as DatasetVersionView
from data_platform.application.datasets.profile_version import ProfileVersion
from data_platform.application.datasets.reading import DatasetNotFound, DatasetReader, OpenedVersion
from data_platform.application.datasets.sources import (
    ChangeSource,
    CreateSource,
    DeleteSource,
    FetchVersion,
    LookAtSource,
    StartFetch,
    TrySource,
)
from data_platform.application.datasets.stored_datasets import StoredDatasets
from data_platform.application.datasets.switch_check import SwitchCheck
from data_platform.application.datasets.upload_version import IngestVersion, UploadVersion
from data_platform.application.find_label import find_label
from data_platform.application.frames.python_tables import frame_table, is_frame
from data_platform.application.generate_series import GenerateSeries
from data_platform.application.generate_table import GenerateTable
from data_platform.application.ports import BATCH_ROWS, RowSink, Table
from data_platform.application.profile_table import ProfileTable
from data_platform.application.sample_rows import Sample, sample_rows
from data_platform.domain.datasets.ids import DatasetId, DatasetVersionId
from data_platform.domain.features import Feature, Observed, Part, Usual, UsualCategories, UsualNumbers
from data_platform.domain.findings import Check, Finding, Result
from data_platform.domain.labels import InvalidLabel, LabelColumn
from data_platform.domain.preprocessor import Preprocessor
from data_platform.domain.profile import ColumnProfile, Histogram, Profile
from data_platform.domain.quality import DataQualityChecker, drifted_columns
from data_platform.domain.reading import times
from data_platform.domain.schema import (
    ColumnChoices,
    ColumnNotInDataset,
    ConflictingRoles,
    Decision,
    Kind,
    MissingPolicy,
    NoUsableColumn,
    Role,
    RolesOutdated,
    SchemaMismatch,
    UnknownColumn,
)
from data_platform.domain.synthetic.series import SeriesSpec
from data_platform.domain.synthetic.table import OutlierKind, TableSpec

__all__ = [
    "BATCH_ROWS",
    "Check",
    "ColumnChoices",
    "ColumnNotInDataset",
    "ColumnProfile",
    "ConflictingRoles",
    "DataPlatform",
    "DataQualityChecker",
    "DatasetId",
    "DatasetNotFound",
    "DatasetReader",
    "DatasetVersionId",
    "DatasetVersionView",
    "DatasetView",
    "Datasets",
    "Decision",
    "Feature",
    "Finding",
    "GenerateSeries",
    "GenerateTable",
    "Histogram",
    "InvalidLabel",
    "Kind",
    "LabelColumn",
    "MissingPolicy",
    "NoUsableColumn",
    "Observed",
    "OpenedVersion",
    "OutlierKind",
    "Part",
    "Preprocessor",
    "Profile",
    "ProfileTable",
    "Result",
    "Role",
    "RolesOutdated",
    "RowSink",
    "Sample",
    "SchemaMismatch",
    "SeriesSpec",
    "Table",
    "TableSpec",
    "UnknownColumn",
    "Usual",
    "UsualCategories",
    "UsualNumbers",
    "drifted_columns",
    "find_label",
    "frame_table",
    "is_frame",
    "sample_rows",
    "times",
]


@dataclass(frozen=True, slots=True)
class DataPlatform:
    """The context's use cases, wired."""

    open_table: Callable[..., Table]
    open_sink: Callable[..., RowSink]
    parquet_copy: Callable[[Table], AbstractContextManager[tuple[Path, int]]]
    profile: ProfileTable
    generate_series: GenerateSeries
    generate_table: GenerateTable


@dataclass(frozen=True, slots=True, kw_only=True)
class Datasets:
    """Datasets and sources of all tenants. ``reader`` is the ``DatasetReader`` of the contexts above."""

    queries: DatasetQueries
    reader: StoredDatasets
    files: TenantFiles
    rows: RowFiles
    create: CreateDataset
    change: ChangeDataset
    delete: DeleteDataset
    switch_check: SwitchCheck
    upload: UploadVersion
    ingest: IngestVersion
    append: AppendRows
    profile: ProfileVersion
    create_source: CreateSource
    change_source: ChangeSource
    delete_source: DeleteSource
    try_source: TrySource
    look_at_source: LookAtSource
    start_fetch: StartFetch
    fetch: FetchVersion
    files_without_rows: Callable[[datetime], int]
    """Delete kept files that no version names, last written before then; gives how many."""
