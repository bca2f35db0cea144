from sqlalchemy import BigInteger, Column, Index, Integer, String, Table, Text, Uuid

from anomaly_detection.domain.labels.label import Label
from core.infrastructure.schema import UtcDateTime, mappers, metadata

labels = Table(
    "ad_labels",
    metadata,
    # The key begins with the tenant, or a database that has not counted the table's values reads all of the tenant's labels.
    Column("tenant_id", Uuid, primary_key=True),
    Column("dataset_version_id", Uuid, primary_key=True),
    Column("row", BigInteger, primary_key=True, autoincrement=False),
    Column("verdict", String(20), nullable=False),
    Column("note", Text, nullable=False),
    Column("run_id", Uuid),
    Column("labelled_at", UtcDateTime, nullable=False),
    Column("user_id", Uuid),
    Column("key_id", Uuid),
    Column("version", Integer, nullable=False),
    Index(None, "tenant_id", "labelled_at"),
)
label_changes = Table(
    "ad_label_changes",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("tenant_id", Uuid, nullable=False),
    Column("dataset_version_id", Uuid, nullable=False),
    Column("row", BigInteger, nullable=False),
    Column("verdict", String(20), nullable=False),  # empty: the label was taken away
    Column("note", Text, nullable=False),
    Column("run_id", Uuid),
    Column("at", UtcDateTime, nullable=False),
    Column("user_id", Uuid),
    Column("key_id", Uuid),
    Column("batch_id", Uuid),  # of what was labelled at once
    Index(None, "tenant_id", "dataset_version_id", "row", "at"),
    Index(None, "tenant_id", "batch_id"),
)
mappers.map_imperatively(Label, labels, version_id_col=labels.c.version, version_id_generator=False)
