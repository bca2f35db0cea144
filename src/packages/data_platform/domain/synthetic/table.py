"""Tables of correlated clusters with outliers of known kinds, after Han et al. 2022 (ADBench, section 3.2)."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Self

import numpy as np
from numpy.typing import NDArray

from data_platform.domain.synthetic.spec import require

Rows = NDArray[np.float64]

CLUSTERS = 3
SPREAD = 5.0  # how many times the variance of local outliers is that of their cluster
BEYOND = 1.1  # how far the box of global outliers reaches, in widths of the normal rows' box
FAR = 5.0  # distance of the clustered outliers, in widths of the normal rows


class OutlierKind(StrEnum):
    GLOBAL = "global"  # anywhere in a box around all normal rows
    LOCAL = "local"  # near a cluster, but spread wider
    DEPENDENCY = "dependency"  # each value usual, their combination not
    CLUSTERED = "clustered"  # together, away from the rest


@dataclass(frozen=True, slots=True, kw_only=True)
class TableSpec:
    """``anomaly_ratio`` is the share of rows that are outliers. Raises InvalidSpec."""

    n_rows: int
    n_features: int
    anomaly_ratio: float
    kinds: tuple[OutlierKind, ...] = tuple(OutlierKind)
    seed: int = 0

    def __post_init__(self) -> None:
        require(self.n_rows >= 1, f"{self.n_rows} rows.", "Ask for 1 or more.")
        require(1 <= self.n_features <= 10_000, f"{self.n_features} features.", "Ask for 1 to 10,000.")
        require(
            0 <= self.anomaly_ratio <= 0.5,
            f"An anomaly ratio of {self.anomaly_ratio}.",
            "Give a share in [0, 0.5].",
        )
        require(bool(self.kinds), "No kind of outlier.", f"Name some of {', '.join(OutlierKind)}.")
        alone = self.n_features == 1 and OutlierKind.DEPENDENCY in self.kinds
        require(
            not alone, "One column depends on no other.", "Ask for more features, or leave out dependency."
        )
        require(self.seed >= 0, f"A seed of {self.seed}.", "Give 0 or more.")

    def outlier_rows(self, random: np.random.Generator) -> NDArray[np.int64]:
        """The numbers of the outliers' rows, ascending."""
        return np.sort(
            random.choice(self.n_rows, size=round(self.anomaly_ratio * self.n_rows), replace=False)
        )


@dataclass(frozen=True, slots=True, eq=False)
class Mixture:
    """Normal rows: clusters with ``centres`` (n_clusters, d) and ``factors`` (n_clusters, d, d) of their covariances."""

    centres: Rows
    factors: Rows
    weights: NDArray[np.float64]
    direction: NDArray[np.float64]  # of the clustered outliers, length 1
    low: NDArray[np.float64]  # where nearly all normal rows lie, by column
    high: NDArray[np.float64]

    @classmethod
    def drawn(cls, n_features: int, random: np.random.Generator) -> Self:
        centres = random.normal(0, 4, (CLUSTERS, n_features))
        mixing = random.normal(0, 1, (CLUSTERS, n_features, max(1, n_features // 2)))
        covariances = mixing @ mixing.transpose(0, 2, 1) / mixing.shape[2] + 0.1 * np.eye(n_features)
        deviations = np.sqrt(np.diagonal(covariances, axis1=1, axis2=2))
        direction = random.normal(0, 1, n_features)
        return cls(
            centres=centres,
            factors=np.linalg.cholesky(covariances),
            weights=random.dirichlet(np.full(CLUSTERS, 5.0)),
            direction=direction / np.linalg.norm(direction),
            low=(centres - 3 * deviations).min(axis=0),
            high=(centres + 3 * deviations).max(axis=0),
        )

    def normal(self, n_rows: int, random: np.random.Generator, *, spread: float = 1.0) -> Rows:
        """Rows of the clusters, their covariance times ``spread``."""
        cluster = random.choice(CLUSTERS, size=n_rows, p=self.weights)
        rows = random.normal(0, np.sqrt(spread), (n_rows, len(self.low)))
        for i in range(CLUSTERS):
            mine = cluster == i
            rows[mine] = rows[mine] @ self.factors[i].T + self.centres[i]
        return rows

    def outliers(self, kind: OutlierKind, n_rows: int, random: np.random.Generator) -> Rows:
        match kind:
            case OutlierKind.LOCAL:
                return self.normal(n_rows, random, spread=SPREAD)
            case OutlierKind.GLOBAL:
                middle, half = (self.low + self.high) / 2, (self.high - self.low) / 2
                return random.uniform(middle - BEYOND * half, middle + BEYOND * half, (n_rows, len(middle)))
            case OutlierKind.DEPENDENCY:
                return np.column_stack([self.normal(n_rows, random)[:, j] for j in range(len(self.low))])
        width = np.linalg.norm(self.high - self.low) / 2
        rows: Rows = (
            (self.low + self.high) / 2
            + FAR / 2 * width * self.direction
            + random.normal(0, 1, (n_rows, len(self.low)))
        )
        return rows
