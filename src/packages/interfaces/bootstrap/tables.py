"""Every table there is: with them the metadata is complete, for migrations and backups."""

import importlib

MODULES = (
    "anomaly_detection.infrastructure.definitions.tables",
    "anomaly_detection.infrastructure.labels.tables",
    "anomaly_detection.infrastructure.points.tables",
    "anomaly_detection.infrastructure.runs.tables",
    "core.infrastructure.jobs",
    "core.infrastructure.kept_answers",
    "data_platform.infrastructure.datasets.tables",
    "enterprise.infrastructure.tables",
    "machine_learning.infrastructure.registry.tables",
    "people_ops.infrastructure.saved_views",
    "people_ops.infrastructure.tables",
    "people_ops.infrastructure.ways_in_tables",
)


def import_tables() -> None:
    for module in MODULES:
        importlib.import_module(module)
