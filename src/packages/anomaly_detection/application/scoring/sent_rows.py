"""Rows that wait to be scored, read in the quickest way that fits the model."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from anomaly_detection.domain.detector import Matrix

Rows = Sequence[Mapping[str, Any]]


class SentRows(Protocol):
    def values(self, columns: Sequence[str]) -> Matrix | None:
        """Those columns, NaN where a value is null. None unless each row has just these columns, all of them numbers.

        Raises what is wrong with the rows.
        """

    def mappings(self) -> Rows:
        """The rows as JSON values, of which one that lacks a column has no value there. Raises what is wrong with them."""


@dataclass(frozen=True, slots=True)
class GivenRows:
    """They are mappings already."""

    rows: Rows

    def values(self, columns: Sequence[str]) -> None:
        return None

    def mappings(self) -> Rows:
        return self.rows
