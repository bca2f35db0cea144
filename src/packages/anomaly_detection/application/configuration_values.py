"""A detector's configuration as JSON values, and back."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from anomaly_detection.domain.fitted_model import DetectorConfiguration
from data_platform.api import ColumnChoices, MissingPolicy

LISTS = ("features", "ignore", "categorical")


def configuration_values(configuration: DetectorConfiguration) -> dict[str, Any]:
    columns = asdict(configuration.columns)
    columns |= {name: None if columns[name] is None else list(columns[name]) for name in LISTS}
    columns["missing"] = configuration.columns.missing.value
    return asdict(configuration) | {"parameters": dict(configuration.parameters), "columns": columns}


def restored_configuration(values: Mapping[str, Any]) -> DetectorConfiguration:
    columns = dict(values["columns"])
    columns |= {name: None if columns[name] is None else tuple(columns[name]) for name in LISTS}
    columns["missing"] = MissingPolicy(columns["missing"])
    return DetectorConfiguration(**dict(values) | {"columns": ColumnChoices(**columns)})
