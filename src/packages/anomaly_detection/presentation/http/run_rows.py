"""Rows of runs in paths."""

from typing import Annotated

from fastapi import Depends, Path

from anomaly_detection.domain.ids import RunId
from anomaly_detection.domain.runs.run import no_run
from core.domain.public_ids import parsed


async def run_in_path(
    run: Annotated[
        str, Path(description="Id of the run.", examples=["run_01J8ZC5QX4T3M6W9K2R7N0B1DG"], max_length=100)
    ],
) -> RunId:
    """Raises RunNotFound: a malformed id is of nothing there is."""
    found = parsed("run", run)
    if found is None:
        raise no_run()
    return RunId(found)


RunPath = Annotated[RunId, Depends(run_in_path)]
RowPath = Annotated[int, Path(alias="n", description="Number of the row, from 0.", ge=0, le=2**53)]
