"""Bodies of answers about datasets."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from core.presentation.ids import public_id
from data_platform.application.datasets.ports import VersionView
from data_platform.domain.datasets.dataset import VersionState
from data_platform.domain.schema import MissingPolicy

ColumnName = Annotated[str, Field(min_length=1, max_length=500, pattern=r"^[^\x00]*$")]
ColumnNames = Annotated[list[ColumnName], Field(max_length=5000)]


class ColumnRoles(BaseModel):
    """What columns are for; everything that is left out is inferred."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"id": "order_id", "time": "ordered_at"}]}
    )
    features: ColumnNames | None = None
    ignore: ColumnNames = []
    id: ColumnName | None = None
    time: ColumnName | None = None
    label: ColumnName | None = None
    categorical: ColumnNames = []
    missing: MissingPolicy = MissingPolicy.INDICATOR


class RowProblemOut(BaseModel):
    """`row` is the line as a text editor counts, from 1, the header being one. Rows without a line of their own, as in a
    JSON array or in Parquet, have their place instead, from 1. `column` is null where the row as such is wrong."""

    model_config = ConfigDict(
        from_attributes=True,
        json_schema_extra={
            "examples": [
                {"row": 17, "column": "amount", "detail": "Its values are numbers; this one is not."}
            ]
        },
    )
    row: int
    column: str | None
    detail: str


class FailureOut(BaseModel):
    """`errors` are the first rows that are wrong, at most 20."""

    model_config = ConfigDict(from_attributes=True)
    code: str
    title: str
    detail: str
    fix: str
    errors: list[RowProblemOut] = Field(validation_alias="problems")


class DatasetOut(BaseModel):
    """`ready_number` is the newest version that can be read; 0: none yet."""

    id: Annotated[UUID, public_id("ds")]
    slug: str
    name: str
    description: str
    kind: str
    columns: Mapping[str, Any]
    latest_number: int
    ready_number: int
    rows: int
    created_at: datetime


class ColumnOut(BaseModel):
    name: str
    type: str


class DatasetVersionOut(BaseModel):
    """Its profile has an address of its own. `job_id` reads it while its state is `ingesting`."""

    id: Annotated[UUID, public_id("dsv")]
    dataset_id: Annotated[UUID, public_id("ds")]
    dataset: str
    number: int
    state: VersionState
    origin: str
    rows: int
    size: int
    sha256: str
    columns: list[ColumnOut]
    notes: list[str]
    parent_number: int | None
    source: Mapping[str, Any] | None
    is_profiled: bool
    error: FailureOut | None
    job_id: Annotated[UUID, public_id("job")] | None
    created_at: datetime

    @classmethod
    def of(cls, view: VersionView) -> Self:
        fields = cls.model_fields.keys() - {"is_profiled"}
        return cls(**{name: getattr(view, name) for name in fields}, is_profiled=view.profile is not None)
