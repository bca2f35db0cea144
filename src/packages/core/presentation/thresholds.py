"""How a body says where rows are cut into flagged and not."""

from typing import Annotated

from pydantic import Field

AlertRate = Annotated[
    float | None,
    Field(strict=True, gt=0, le=0.5, description="Flag rows as rare as this share of the training rows."),
]
LowestScore = Annotated[
    float | None, Field(strict=True, gt=0, lt=1, description="Flag the rows that score at least so much now.")
]
