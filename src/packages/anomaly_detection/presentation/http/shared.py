"""What the context's routes share."""

from collections.abc import Mapping
from contextlib import AbstractContextManager
from typing import Annotated

from fastapi import Path

from anomaly_detection.application.definitions.reading import DetectorReader
from anomaly_detection.domain.definitions.detector_definition import NotItsRun
from anomaly_detection.domain.detector import InvalidParameter, UnknownAlgorithm
from anomaly_detection.domain.ids import DetectorId
from anomaly_detection.domain.threshold import InvalidContamination
from core.domain.actor import Actor
from core.domain.errors import DomainError
from core.domain.public_ids import parsed
from core.presentation.problems import pointing_at
from data_platform.api import ColumnNotInDataset, ConflictingRoles, RolesOutdated

BASE = "/api/v1"
DEFAULT = "default"  # in place of a source: all that have no model of their own
DetectorPath = Annotated[
    str, Path(description="Id or slug of the detector.", examples=["large-orders"], max_length=100)
]


CONFIGURATION: Mapping[type[DomainError], str] = {
    UnknownAlgorithm: "#/algorithm",
    InvalidContamination: "#/contamination",
    InvalidParameter: "#/params/{parameter}",
    ColumnNotInDataset: "#/columns/{role}",
    ConflictingRoles: "#/columns",
    RolesOutdated: "#/dataset",
    NotItsRun: "#/baseline_run",
}


def detector_id(detectors: DetectorReader, actor: Actor, reference: str) -> DetectorId:
    """What a filter names by id or slug; a deleted one's runs are found by its id. Raises DetectorNotFound."""
    by_id = parsed("det", reference)
    if by_id is not None:
        return DetectorId(by_id)
    return detectors.detector(actor.tenant_id, reference.replace("\x00", "\ufffd")).id


def pointing() -> AbstractContextManager[None]:
    """What is wrong with a configuration in a body is pointed at."""
    return pointing_at(CONFIGURATION)
