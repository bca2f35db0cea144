"""A detector's configuration in bodies."""

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, FiniteFloat

from anomaly_detection.api import DetectorConfiguration
from core.presentation.http import Line
from data_platform.api import ColumnChoices, MissingPolicy

Column = Annotated[str, Field(min_length=1, max_length=500, pattern=r"^[^\x00]*$")]
Columns = Annotated[list[Column], Field(max_length=5000)]
Value = (
    Annotated[int, Field(ge=-(2**53), le=2**53)]
    | FiniteFloat
    | bool
    | Annotated[Line, Field(max_length=200)]
    | None
)
Params = Annotated[dict[Annotated[str, Field(max_length=100)], Value], Field(max_length=100)]
Contamination = Annotated[
    float,
    Field(
        strict=True, gt=0, le=0.5, description="Expected share of anomalies; left out: found from the scores."
    ),
]
Seed = Annotated[int, Field(strict=True, ge=0, lt=2**32)]


class ColumnsBody(BaseModel):
    """What columns are for; everything that is left out is inferred."""

    model_config = ConfigDict(extra="forbid")
    features: Columns | None = None
    ignore: Columns = []
    id: Column | None = None
    time: Column | None = None
    label: Column | None = None
    categorical: Columns = []
    missing: MissingPolicy = MissingPolicy.INDICATOR

    def choices(self) -> ColumnChoices:
        return ColumnChoices(
            features=None if self.features is None else tuple(self.features),
            ignore=tuple(self.ignore),
            id=self.id,
            time=self.time,
            label=self.label,
            categorical=tuple(self.categorical),
            missing=self.missing,
        )


class ConfigurationBody(BaseModel):
    """``params`` are those of the algorithm: GET /algorithms lists them."""

    model_config = ConfigDict(extra="forbid")
    algorithm: Line = Field(default="auto", max_length=120)
    params: Params = {}
    contamination: Contamination | None = None
    seed: Seed = 0
    columns: ColumnsBody = ColumnsBody()

    def given(self) -> dict[str, Any]:
        """Fields of ``DetectorConfiguration``, those that the body has."""
        fields = {"algorithm", "params", "contamination", "seed", "columns"} & self.model_fields_set
        found = {name: getattr(self, name) for name in fields}
        if "params" in found:
            found["parameters"] = found.pop("params")
        if "columns" in found:
            found["columns"] = self.columns.choices()
        return found

    def configuration(self) -> DetectorConfiguration:
        return DetectorConfiguration(**self.given())


class ConfigurationOut(BaseModel):
    algorithm: str
    params: dict[str, Any]
    contamination: float | None
    seed: int
    columns: dict[str, Any]
