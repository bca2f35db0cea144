"""The catalogue of algorithms."""

from typing import Annotated

from fastapi import APIRouter, Path
from pydantic import BaseModel

from anomaly_detection.api import Algorithm
from anomaly_detection.domain.detector import UnknownAlgorithm
from anomaly_detection.presentation.algorithm_view import full_row
from anomaly_detection.presentation.http.detectors import Reader, Service
from core.domain.errors import Forbidden, NotFound
from core.presentation.http import Route
from core.presentation.problems import responses

router = APIRouter(route_class=Route, tags=["detectors"])


class AlgorithmNotFound(NotFound):
    title = "There is no such algorithm"


class ParameterOut(BaseModel):
    """``range`` is in words."""

    name: str
    type: str
    default: int | float | str | bool | None
    range: str
    doc: str


class AlgorithmOut(BaseModel):
    """``max_fit_rows``: of more rows a seeded sample is fitted. ``saves``: it can become a model."""

    name: str
    title: str
    family: str
    summary: str
    aliases: list[str]
    explains: str
    cost: str
    max_fit_rows: int
    scaling: str
    batch_independent: bool
    streams: bool
    saves: bool
    extra: str | None
    paper: str
    parameters: list[ParameterOut]


class AlgorithmsOut(BaseModel):
    """``further_names`` are taken wherever an algorithm is named; ask for one to see its parameters."""

    items: list[AlgorithmOut]
    further_names: list[str]


@router.get("/algorithms", summary="List algorithms", responses=responses(Forbidden))
def list_algorithms(actor: Reader, service: Service) -> AlgorithmsOut:
    return AlgorithmsOut(
        items=[_out(entry) for entry in service.catalogue.algorithms()],
        further_names=list(service.catalogue.further_names()),
    )


@router.get(
    "/algorithms/{name}", summary="Show an algorithm", responses=responses(Forbidden, AlgorithmNotFound)
)
def show_algorithm(
    name: Annotated[
        str, Path(max_length=120, description="Name or alias.", examples=["isolation_forest", "pyod:KNN"])
    ],
    actor: Reader,
    service: Service,
) -> AlgorithmOut:
    try:
        return _out(service.catalogue.algorithm(name))
    except UnknownAlgorithm as error:
        raise AlgorithmNotFound(error.detail, fix=error.fix) from error


def _out(entry: Algorithm) -> AlgorithmOut:
    return AlgorithmOut.model_validate(full_row(entry))
