"""A run's rows on a plane, so that one sees where the flagged ones lie."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from anomaly_detection.application.explanations.ports import OpenResult, ResultRows
from anomaly_detection.application.kept import Kept
from anomaly_detection.application.runs.reading import FinishedRun, RunReader
from anomaly_detection.domain.calibration import is_rare, scores_at
from anomaly_detection.domain.detector import Scores
from anomaly_detection.domain.explanations.principal_axes import plane, varying
from anomaly_detection.domain.ids import RunId
from core.domain.errors import Invalid
from core.domain.ids import TenantId
from core.domain.wording import count

MOST_ROWS, MOST_FLAGGED = 2_000, 100
MOST_COLUMNS = 100  # numeric ones, in the model's order
FEWEST_COLUMNS = 2  # of one row, none varies
SEED = 0  # the same rows give the same map


class NoMap(Invalid):
    title = "The rows cannot be drawn as a map"


@dataclass(frozen=True, slots=True, kw_only=True)
class MappedRow:
    row: int
    score: float
    severity: int  # its rank
    x: float
    y: float


@dataclass(frozen=True, slots=True, kw_only=True)
class RowMap:
    """``usual`` (n, 2) are places of rows that are not flagged, ``flagged`` the highest scores first, at most 100 of
    ``all_flagged``. ``shares`` of the variance are what the two axes explain, of ``columns``."""

    rows: int
    all_flagged: int
    usual: NDArray[np.float64]
    flagged: tuple[MappedRow, ...]
    columns: tuple[str, ...]
    shares: tuple[float, float]


@dataclass(frozen=True, slots=True)
class MapRows:
    runs: RunReader
    open: OpenResult
    kept: Kept[RowMap] = field(default_factory=lambda: Kept(16))

    def __call__(self, tenant_id: TenantId, run_id: RunId) -> RowMap:
        """Of at most 2,000 rows. Raises RunNotFound, RunNotFinished, ResultLost, NoMap."""
        run = self.runs.finished(tenant_id, run_id)
        return self.kept.get((run.result, run.alert_rate), lambda: self._mapped(run))

    def _mapped(self, run: FinishedRun) -> RowMap:
        result = self.open(run.result)
        names = _numeric(run, result)
        rarity = result.shares()
        flagged, usual, all_flagged = _sampled(run, rarity)
        values, kept = varying(result.values(names, np.concatenate([flagged, usual])))
        if len(kept) < FEWEST_COLUMNS:
            raise NoMap(
                f"The model looks at {count(len(kept), 'numeric column')} that {'varies' if len(kept) == 1 else 'vary'}.",
                fix="A map needs two or more.",
            )
        found = plane(values)
        scores = scores_at(run.alert_rate, rarity[flagged])
        ranks = run.cut_offs.ranks(scores)
        return RowMap(
            rows=run.rows,
            all_flagged=all_flagged,
            usual=found.places[len(flagged) :],
            flagged=tuple(
                MappedRow(row=int(row), score=float(score), severity=int(rank), x=float(x), y=float(y))
                for row, score, rank, (x, y) in zip(flagged, scores, ranks, found.places, strict=False)
            ),
            columns=tuple(names[i] for i in kept),
            shares=found.shares,
        )


def _numeric(run: FinishedRun, result: ResultRows) -> list[str]:
    """Those the model looks at."""
    columns = result.columns
    sources = dict.fromkeys(run.model.preprocessor.sources)
    return [name for name in sources if name in columns and columns[name].is_numeric()][:MOST_COLUMNS]


def _sampled(run: FinishedRun, rarity: Scores) -> tuple[NDArray[np.intp], NDArray[np.intp], int]:
    """Numbers of the flagged rows, the rarest first; of usual ones; and how many are flagged."""
    is_flagged = is_rare(run.alert_rate, rarity)
    flagged, usual = np.flatnonzero(is_flagged), np.flatnonzero(~is_flagged)
    chosen = flagged[np.argsort(rarity[flagged], kind="stable")][:MOST_FLAGGED]
    most = MOST_ROWS - len(chosen)
    if len(usual) > most:
        usual = np.sort(np.random.default_rng(SEED).choice(usual, most, replace=False, shuffle=False))
    return chosen, usual, len(flagged)
