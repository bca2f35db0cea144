"""What every alert rate would flag among labelled rows: kept with an evaluation, so that no row is scored again."""

import zlib
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from anomaly_detection.api import FLAGGED, scores_at
from machine_learning.domain.evaluation import Confusion
from machine_learning.domain.ranking import Labels
from machine_learning.domain.score_curve import ScoreCurve

MOST_CUTS = 4_096
EXACT = 1_024  # of more rows, the rarest so many are kept one by one, the others in steps of less than 0.5 %
ROW = 16  # bytes of a cut in packed form: its tail probability and two counts
Counts = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Cuts:
    """``true_positives`` and ``false_positives`` count the rows at most as probable in the tail as each of ``rarities``,
    which ascend; the last one counts all rows. Exact for up to 4,096 rows; of more, up to 0.5 % of the flagged ones may be
    missing."""

    rarities: NDArray[np.float64]
    true_positives: Counts
    false_positives: Counts

    @classmethod
    def of(cls, rarities: NDArray[np.float64], labels: Labels) -> "Cuts":
        """Tail probabilities and the truth, each of shape (n_rows,)."""
        order = np.argsort(rarities, kind="stable")
        ascending = rarities[order]
        rows = np.flatnonzero(np.append(ascending[1:] != ascending[:-1], True)) + 1
        if len(rows) > MOST_CUTS:
            rows = _thinned(rows)
        true = labels[order].cumsum()[rows - 1]
        return cls(rarities=ascending[rows - 1], true_positives=true, false_positives=rows - true)

    @classmethod
    def unpacked(cls, packed: bytes) -> "Cuts":
        content = zlib.decompress(packed)
        size = len(content) // ROW
        counts = np.frombuffer(content, "<u4", offset=8 * size).astype(np.int64)
        rarities = np.frombuffer(content, "<f8", count=size)
        return cls(rarities=rarities, true_positives=counts[:size], false_positives=counts[size:])

    @property
    def packed(self) -> bytes:
        """At most 64 kB, and hardly half of that."""
        counts = np.concatenate([self.true_positives, self.false_positives]).astype("<u4")
        return zlib.compress(self.rarities.astype("<f8").tobytes() + counts.tobytes())

    def curve(self, alert_rate: float) -> ScoreCurve:
        """With the scores that the rows have at this rate."""
        scores = scores_at(alert_rate, self.rarities)
        return ScoreCurve.of_steps(scores, self.true_positives, self.false_positives)

    def at(self, alert_rate: float) -> Confusion:
        return self.curve(alert_rate).at(FLAGGED)


def _thinned(rows: NDArray[np.intp]) -> NDArray[np.intp]:
    """Of ascending counts of rows: the first ones, then the next from each step on, and the last."""
    wanted = np.geomspace(rows[EXACT - 1], rows[-1], MOST_CUTS - EXACT)[1:-1]
    return np.unique(np.concatenate([rows[:EXACT], rows[np.searchsorted(rows, wanted)], rows[-1:]]))
