"""The columns of the prepared matrix, and what is usual in the columns they come from."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Part(StrEnum):
    """Which side of its source column a feature shows."""

    VALUE = "value"  # the number itself; booleans as 0 and 1; dates as calendar parts
    MISSING = "missing"  # 1 where the source had no value
    RARITY = "rarity"  # -log10 of the share of rows with this category: the rarer, the higher
    CATEGORY = "category"  # 1 where the source has this one value


@dataclass(frozen=True, slots=True)
class Feature:
    """One column of the matrix that detectors see."""

    name: str  # "amount", "amount is missing", "country", "country = KP", "paid_at hour"
    source: str  # what explanations call it: the column, or column and calendar part
    part: Part


@dataclass(frozen=True, slots=True)
class UsualNumbers:
    """Where a numeric column lies in training: 5 % of its values are below ``low``, 5 % above ``high``."""

    low: float
    median: float
    high: float
    missing_share: float


@dataclass(frozen=True, slots=True)
class UsualCategories:
    """Shares of rows in training, for the commonest values; ``rest`` is the share of one value not listed."""

    shares: Mapping[str, float]
    rest: float
    missing_share: float


Usual = UsualNumbers | UsualCategories
Observed = float | int | str | bool | None
