from typing import Any

import numpy as np

from anomaly_detection.domain.detector import Contributions, DetectorState, Matrix, Scores
from anomaly_detection.infrastructure.detectors.dense_network import Layers, Schedule, dense, trained
from anomaly_detection.infrastructure.detectors.rows import bounded, require_rows

FAR = 3.0  # standard deviations beyond which what the network sees grows no further


class Autoencoder:
    """Squared error of a row put together again from a few latent numbers, summed over the features."""

    def __init__(
        self,
        *,
        seed: int,
        n_latent: int | None,
        n_hidden: int | None,
        epochs: int | None,
        batch_size: int | None,
        learning_rate: float,
    ) -> None:
        self._seed = seed
        self._n_latent = n_latent
        self._n_hidden = n_hidden
        self._schedule = Schedule(epochs, batch_size, learning_rate)
        self._layers: Layers

    def fit(self, x: Matrix) -> Scores:
        require_rows(x, 10, algorithm="autoencoder")
        n_features = x.shape[1]
        latent, hidden = widths(n_features, n_latent=self._n_latent, n_hidden=self._n_hidden)
        module = trained(
            lambda: dense(n_features, hidden, latent, hidden, n_features),
            reconstruction_loss,
            x=squashed(x),
            schedule=self._schedule,
            seed=self._seed,
        )
        self._layers = Layers.of_torch(module)
        return self.score(x)

    def score(self, x: Matrix) -> Scores:
        return np.asarray(self.contributions(x).sum(axis=1))

    def contributions(self, x: Matrix) -> Contributions:
        """Each feature's squared error; they sum to the score."""
        return np.asarray((bounded(x) - self._layers(squashed(x))) ** 2)

    def state(self) -> DetectorState:
        return DetectorState(arrays=self._layers.arrays("network"))

    def restore(self, state: DetectorState) -> None:
        self._layers = Layers.restore("network", state.arrays)


def squashed(x: Matrix) -> Matrix:
    """Values in (-3, 3), nearly unchanged around 0: one far value must not decide how the others are rebuilt."""
    return FAR * np.tanh(x / FAR)


def widths(n_features: int, *, n_latent: int | None, n_hidden: int | None) -> tuple[int, int]:
    """(latent, hidden) widths: half as many latent numbers as features, at most 16; twice as many hidden units as
    features, 8 to 128."""
    latent = n_latent or min(16, max(1, n_features // 2))
    return latent, n_hidden or min(128, max(8, 2 * n_features))


def reconstruction_loss(module: Any, rows: Any) -> Any:
    return ((module(rows) - rows) ** 2).mean()
