"""A fitted model as plain values, arrays and blobs, and back."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from anomaly_detection.application.explain_rows import RowExplainer
from anomaly_detection.application.ports import Catalogue
from anomaly_detection.domain.algorithm import Scaling
from anomaly_detection.domain.calibration import ScoreCalibration
from anomaly_detection.domain.detector import DetectorState
from anomaly_detection.domain.fitted_model import FittedModel, ThresholdChoice, Training
from anomaly_detection.domain.scaling import Scaler
from core.domain.errors import Invalid
from data_platform.api import MissingPolicy, Preprocessor


class InvalidModelFile(Invalid):
    title = "The file is not a usable model"


@dataclass(frozen=True, slots=True)
class Packed:
    """``values`` survive JSON; the names of ``arrays`` end in .npy, those of ``blobs`` do not."""

    values: Mapping[str, Any]
    arrays: Mapping[str, NDArray[np.generic]]
    blobs: Mapping[str, bytes]


def pack(model: FittedModel) -> Packed:
    """Everything ``unpack`` needs for equal scores."""
    state = model.detector.state()
    preprocessor_values, preprocessor_arrays = model.preprocessor.state()
    arrays = {
        "preprocessor": preprocessor_arrays,
        "scaler": model.scaler.arrays(),
        "detector": state.arrays,
        "calibration": model.calibration.arrays(),
        "model": {"typical": model.typical},
    }
    values = {
        "algorithm": model.algorithm.name,
        "parameters": dict(model.parameters),
        "seed": model.seed,
        "preprocessor": preprocessor_values,
        "scaling": model.scaler.scaling.value,
        "detector": dict(state.values),
        "training": asdict(model.training),
    }
    return Packed(
        values,
        {f"{part}/{name}.npy": array for part, group in arrays.items() for name, array in group.items()},
        {f"detector/{name}.bin": content for name, content in state.blobs.items()},
    )


def unpack(packed: Packed, catalogue: Catalogue) -> FittedModel:
    """Raises MissingExtra, and errors of any kind on parts that do not fit."""
    values = packed.values
    entry = catalogue.algorithm(str(values["algorithm"]))
    parameters = entry.with_defaults(values["parameters"])
    detector = catalogue.detector(entry.name, parameters, seed=int(values["seed"]))
    preprocessor = Preprocessor.restore(values["preprocessor"], part(packed, "preprocessor"))
    blobs = {name.removeprefix("detector/").removesuffix(".bin"): blob for name, blob in packed.blobs.items()}
    detector.restore(DetectorState(values["detector"], part(packed, "detector"), blobs))
    typical = np.asarray(part(packed, "model")["typical"], dtype=np.float64)
    if typical.shape != (1, len(preprocessor.features)):
        raise ValueError("typical row and features differ")
    scaler = Scaler.restore(Scaling(values["scaling"]), part(packed, "scaler"))
    if scaler.scaling is not Scaling.NONE and len(scaler.centre) != len(preprocessor.features):
        raise ValueError("scales and features differ")
    training = values["training"]
    model = FittedModel(
        algorithm=entry,
        parameters=parameters,
        seed=int(values["seed"]),
        preprocessor=preprocessor,
        scaler=scaler,
        detector=detector,
        calibration=ScoreCalibration.restore(part(packed, "calibration")),
        typical=typical,
        training=Training(
            rows=int(training["rows"]),
            rows_fitted=int(training["rows_fitted"]),
            threshold_choice=ThresholdChoice(training["threshold_choice"]),
            description=str(training["description"]),
        ),
    )
    try_out(model)
    return model


def try_out(model: FittedModel) -> None:
    """Score and explain a usual row and a row without values: arrays that do not fit together show here."""
    raw = model.detector.score(np.repeat(model.typical, 2, axis=0))
    usual = model.calibration.calibrated(raw)
    if raw.shape != (2,) or not np.isfinite(raw).all() or not ((usual >= 0) & (usual <= 1)).all():
        raise ValueError("a usual row has no score")
    if model.preprocessor.missing is MissingPolicy.REFUSE:
        return
    empty = pl.DataFrame({name: [None] for name in model.preprocessor.schema})
    [explanation] = RowExplainer(model).explain(empty, model.raw_scores(empty), rows=np.zeros(1, np.int64))
    if not np.isfinite([explanation.score, *(c.contribution for c in explanation.contributions)]).all():
        raise ValueError("an empty row has no score")


def part(packed: Packed, name: str) -> dict[str, NDArray[Any]]:
    """The arrays of one part, by their own names."""
    start = f"{name}/"
    return {
        key.removeprefix(start).removesuffix(".npy"): array
        for key, array in packed.arrays.items()
        if key.startswith(start)
    }
