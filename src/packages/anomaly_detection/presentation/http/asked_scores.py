"""What a request wants scored, and by what."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from anomaly_detection.api import DetectorConfiguration, Scoring
from anomaly_detection.application.scoring.limits import require_few
from anomaly_detection.application.scoring.scored_rows import ScoredRows
from anomaly_detection.presentation.http.arrow_rows import arrow_table
from anomaly_detection.presentation.http.inline_rows import InlineRows, Row
from anomaly_detection.presentation.http.shared import pointing
from core.domain.actor import Actor
from core.presentation.problems import pointer_step
from data_platform.api import ColumnNotInDataset, SchemaMismatch, Table, UnknownColumn, frame_table


class Source(Protocol):
    """Where the rows are."""

    def table(self, scoring: Scoring, actor: Actor) -> Table:
        """Raises what is wrong with the rows, and TooManyRows."""


@dataclass(frozen=True, slots=True)
class ArrowBody:
    body: bytes

    def table(self, scoring: Scoring, actor: Actor) -> Table:
        return arrow_table(self.body)


@dataclass(frozen=True, slots=True)
class StoredRows:
    dataset: str

    def table(self, scoring: Scoring, actor: Actor) -> Table:
        opened = scoring.datasets.latest(actor.tenant_id, self.dataset)
        require_few(opened.rows)
        return opened.table


@dataclass(frozen=True, slots=True, kw_only=True)
class ByModel:
    source: InlineRows | Source
    reference: str
    contamination: float | None
    explain: bool

    def at_once(self, scoring: Scoring, actor: Actor) -> ScoredRows | None:
        """None where it takes longer, or I/O. Raises what is wrong with the rows."""
        if not isinstance(self.source, InlineRows):
            return None
        return scoring.by_model.at_once(
            actor, self.source, self.reference, contamination=self.contamination, explain=self.explain
        )

    def __call__(self, scoring: Scoring, actor: Actor) -> ScoredRows:
        chosen: dict[str, Any] = {"contamination": self.contamination, "explain": self.explain}
        if not isinstance(self.source, InlineRows):
            return scoring.by_model.table(actor, self.source.table(scoring, actor), self.reference, **chosen)
        try:
            return scoring.by_model(actor, self.source, self.reference, **chosen)
        except SchemaMismatch as error:
            point_at_a_cell(error, self.source.mappings())
            raise


@dataclass(frozen=True, slots=True, kw_only=True)
class ByFit:
    """``detector`` is asked for by id or slug where it is named."""

    source: InlineRows | Source
    configuration: DetectorConfiguration = field(default_factory=DetectorConfiguration)
    detector: str | None = None
    explain: bool

    def __call__(self, scoring: Scoring, actor: Actor) -> ScoredRows:
        configuration = self.configuration
        if self.detector is not None:
            configuration = scoring.detectors.detector(actor.tenant_id, self.detector).configuration
        if isinstance(self.source, InlineRows):
            table = frame_table(self.source.all())
        else:
            table = self.source.table(scoring, actor)
        try:
            with pointing():
                return scoring.by_fit(actor, table, configuration, explain=self.explain)
        except UnknownColumn as error:  # the detector's: of what was sent, the rows are wrong
            raise ColumnNotInDataset(error.detail, fix=error.fix, pointer="#/data") from error


def point_at_a_cell(error: SchemaMismatch, rows: Sequence[Row]) -> None:
    """The first text where the model has numbers."""
    for column in error.facts.get("wrong", ()):  # type: ignore[union-attr]  # a tuple of names
        for number, row in enumerate(rows):
            if not _is_number(row.get(column)):
                error.facts["pointer"] = f"#/data/{number}/{pointer_step(column)}"
                return
    error.facts["pointer"] = "#/data"


def _is_number(value: object) -> bool:
    try:
        return value is None or float(str(value)) is not None
    except ValueError:
        return isinstance(value, bool)
