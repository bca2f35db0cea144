from typing import NewType
from uuid import UUID

DatasetId = NewType("DatasetId", UUID)  # ds_
DatasetVersionId = NewType("DatasetVersionId", UUID)  # dsv_
SourceId = NewType("SourceId", UUID)  # src_
