from typing import Any

import numpy as np
from numpy.typing import NDArray

from anomaly_detection.domain.detector import Contributions, DetectorState, Matrix, Scores
from anomaly_detection.infrastructure.detectors.autoencoder import squashed, widths
from anomaly_detection.infrastructure.detectors.dense_network import Layers, Schedule, dense, trained
from anomaly_detection.infrastructure.detectors.rows import bounded, require_rows

SMALLEST_LOG_DEVIATION = -3.0  # of a rebuilt feature in standard deviations: 5 % of its spread


class VariationalAutoencoder:
    """Negative log reconstruction probability (An and Cho 2015, algorithm 4) at the mean of the latent distribution
    instead of draws from it: the same row always scores the same."""

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
        self._encoder: Layers  # to the latent means and log-variances
        self._decoder: Layers
        self._log_deviation: NDArray[np.float64]  # of each rebuilt feature

    def fit(self, x: Matrix) -> Scores:
        require_rows(x, 10, algorithm="vae")
        n_features = x.shape[1]
        latent, hidden = widths(n_features, n_latent=self._n_latent, n_hidden=self._n_hidden)
        module = trained(
            lambda: variational(n_features, hidden=hidden, latent=latent),
            negative_evidence_bound,
            x=squashed(x),
            schedule=self._schedule,
            seed=self._seed,
        )
        self._encoder = Layers.of_torch(module["encoder"])
        self._decoder = Layers.of_torch(module["decoder"])
        deviation = module["spread"].bias.detach().numpy().astype(np.float64)
        self._log_deviation = np.maximum(deviation, SMALLEST_LOG_DEVIATION)
        return self.score(x)

    def score(self, x: Matrix) -> Scores:
        return np.asarray(self.contributions(x).sum(axis=1))

    def contributions(self, x: Matrix) -> Contributions:
        """Each feature's negative log-density; they sum to the score."""
        latent = self._encoder(squashed(x))
        rebuilt = self._decoder(latent[:, : latent.shape[1] // 2])
        z = (bounded(x) - rebuilt) / np.exp(self._log_deviation)
        return np.asarray(z**2 / 2 + self._log_deviation + np.log(2 * np.pi) / 2)

    def state(self) -> DetectorState:
        networks = self._encoder.arrays("encoder") | self._decoder.arrays("decoder")
        return DetectorState(arrays=networks | {"log_deviation": self._log_deviation})

    def restore(self, state: DetectorState) -> None:
        self._encoder = Layers.restore("encoder", state.arrays)
        self._decoder = Layers.restore("decoder", state.arrays)
        self._log_deviation = np.asarray(state.arrays["log_deviation"], dtype=np.float64)


def variational(n_features: int, *, hidden: int, latent: int) -> Any:
    """Encoder, decoder, and a layer without inputs whose bias is the log-deviation of each feature."""
    from torch import nn

    spread = nn.Linear(1, n_features)
    nn.init.zeros_(spread.bias)
    return nn.ModuleDict(
        {
            "encoder": dense(n_features, hidden, 2 * latent),
            "decoder": dense(latent, hidden, n_features),
            "spread": spread,
        }
    )


def negative_evidence_bound(module: Any, rows: Any) -> Any:
    """Mean over rows of the negative evidence lower bound (Kingma and Welling 2014, eq. 10), one draw per row."""
    import torch

    mean, log_variance = module["encoder"](rows).chunk(2, dim=1)
    log_variance = log_variance.clamp(-10, 10)
    drawn = mean + torch.exp(log_variance / 2) * torch.randn(mean.shape)
    log_deviation = module["spread"].bias.clamp(min=SMALLEST_LOG_DEVIATION)
    z = (rows - module["decoder"](drawn)) / torch.exp(log_deviation)
    surprise = (z**2 / 2 + log_deviation).sum(dim=1)
    divergence = (mean**2 + log_variance.exp() - 1 - log_variance).sum(dim=1) / 2
    return (surprise + divergence).mean()
