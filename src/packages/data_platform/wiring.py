"""Puts the service's part of the context together: all that works on a database."""

from collections.abc import Sequence
from functools import partial

from core.application.files import TenantFiles
from core.infrastructure.encryption import Cipher
from core.infrastructure.sql import Storage
from data_platform.api import Datasets
from data_platform.application.datasets.append_rows import AppendRows
from data_platform.application.datasets.change_dataset import ChangeDataset, DeleteDataset
from data_platform.application.datasets.create_dataset import CreateDataset
from data_platform.application.datasets.profile_version import ProfileVersion
from data_platform.application.datasets.sources import (
    ChangeSource,
    CreateSource,
    DeleteSource,
    FetchVersion,
    LookAtSource,
    StartFetch,
    TrySource,
)
from data_platform.application.datasets.store_version import StoreVersion
from data_platform.application.datasets.stored_datasets import StoredDatasets
from data_platform.application.datasets.switch_check import SwitchCheck
from data_platform.application.datasets.upload_version import IngestVersion, UploadVersion
from data_platform.application.profile_table import ProfileTable
from data_platform.infrastructure.datasets.file_sweep import files_without_rows
from data_platform.infrastructure.datasets.ingestion import Ingestion
from data_platform.infrastructure.datasets.queries import SqlDatasetQueries
from data_platform.infrastructure.datasets.row_files import ParquetRows
from data_platform.infrastructure.datasets.sql import SqlDatasetsUnitOfWork
from data_platform.infrastructure.datasets.tenant_databases import TenantDatabases
from data_platform.infrastructure.readers.spool import SpoolSettings
from data_platform.local_wiring import GIGABYTE
from data_platform.presentation.stored_profile import stored_document


def build_service(
    *,
    storage: Storage,
    files: TenantFiles,
    cipher: Cipher,
    spool: SpoolSettings = SpoolSettings(),  # noqa: B008  # frozen
    max_upload_bytes: int = 2 * GIGABYTE,
    source_networks: Sequence[str] = (),
) -> Datasets:
    """Datasets and sources of all tenants. ``max_upload_bytes`` holds for what a file is decompressed, too."""
    uow = partial(SqlDatasetsUnitOfWork, storage)
    queries = SqlDatasetQueries(storage.database)
    rows = ParquetRows(Ingestion(files, spool, max_upload_bytes))
    databases = TenantDatabases(source_networks, spool)
    store = StoreVersion(uow, files, storage.clock)
    reader = StoredDatasets(queries, files, rows)
    return Datasets(
        queries=queries,
        reader=reader,
        files=files,
        rows=rows,
        create=CreateDataset(uow, storage.clock),
        change=ChangeDataset(uow),
        delete=DeleteDataset(uow, files),
        switch_check=SwitchCheck(uow),
        upload=UploadVersion(uow, files, queries, rows, store),
        ingest=IngestVersion(uow, files, rows, store),
        append=AppendRows(uow, files, queries, rows, store),
        profile=ProfileVersion(uow, reader, ProfileTable(), stored_document),
        create_source=CreateSource(uow, databases, cipher, storage.clock),
        change_source=ChangeSource(uow, databases, cipher),
        delete_source=DeleteSource(uow),
        try_source=TrySource(uow, databases, cipher),
        look_at_source=LookAtSource(uow, databases, cipher),
        start_fetch=StartFetch(uow, databases),
        fetch=FetchVersion(uow, files, databases, cipher, rows, store),
        files_without_rows=partial(files_without_rows, storage.database, files),
    )
