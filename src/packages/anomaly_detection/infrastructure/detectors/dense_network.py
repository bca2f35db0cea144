"""Fully connected networks: trained by torch, run by NumPy. A stored one needs no torch."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from anomaly_detection.domain.detector import Matrix
from anomaly_detection.infrastructure.detectors.foreign import missing_extra
from anomaly_detection.infrastructure.detectors.torch_state import repeatable_torch

STEPS = 3_000  # of the optimiser, in about as many epochs as that takes
FEWEST_EPOCHS, MOST_EPOCHS = 10, 300
PATIENCE = 20  # epochs without a better loss on the rows held out
HELD_OUT = 0.1
FEWEST_HELD_OUT = 10


@dataclass(frozen=True, slots=True)
class Layers:
    """Weights of shape (n_out, n_in) and biases of shape (n_out,); tanh after every layer but the last."""

    weights: tuple[NDArray[np.float64], ...]
    biases: tuple[NDArray[np.float64], ...]

    def __call__(self, x: Matrix) -> Matrix:
        for weight, bias in zip(self.weights[:-1], self.biases[:-1], strict=True):
            x = np.tanh(x @ weight.T + bias)
        return np.asarray(x @ self.weights[-1].T + self.biases[-1])

    @classmethod
    def of_torch(cls, network: Any) -> Self:
        """The layers of a ``dense`` network."""
        linear = [layer for layer in network if hasattr(layer, "weight")]
        return cls(
            tuple(layer.weight.detach().numpy().astype(np.float64) for layer in linear),
            tuple(layer.bias.detach().numpy().astype(np.float64) for layer in linear),
        )

    def arrays(self, name: str) -> dict[str, NDArray[np.float64]]:
        named = {f"{name}.weight{i}": weight for i, weight in enumerate(self.weights)}
        return named | {f"{name}.bias{i}": bias for i, bias in enumerate(self.biases)}

    @classmethod
    def restore(cls, name: str, arrays: Mapping[str, NDArray[np.generic]]) -> Self:
        number = sum(key.startswith(f"{name}.weight") for key in arrays)
        return cls(
            tuple(np.asarray(arrays[f"{name}.weight{i}"], dtype=np.float64) for i in range(number)),
            tuple(np.asarray(arrays[f"{name}.bias{i}"], dtype=np.float64) for i in range(number)),
        )


@dataclass(frozen=True, slots=True)
class Schedule:
    """How long a network learns; None: sized by the number of rows."""

    epochs: int | None
    batch_size: int | None
    learning_rate: float

    def sized(self, n_rows: int) -> tuple[int, int]:
        """(epochs, batch size) for this many rows: batches of 32 to 1024, about 3,000 steps."""
        batch = self.batch_size or min(1024, max(32, 2 ** round(math.log2(max(n_rows, 2) / 50))))
        epochs = self.epochs or min(MOST_EPOCHS, max(FEWEST_EPOCHS, STEPS * batch // n_rows))
        return epochs, batch


def dense(*widths: int) -> Any:
    """A torch network of linear layers from the first width to the last, with tanh between them."""
    from torch import nn

    layers: list[Any] = []
    for n_in, n_out in pairwise(widths):
        layers += [nn.Linear(n_in, n_out), nn.Tanh()]
    return nn.Sequential(*layers[:-1])


def trained(
    make: Callable[[], Any], loss: Callable[[Any, Any], Any], *, x: Matrix, schedule: Schedule, seed: int
) -> Any:
    """The torch module that ``make`` builds, after Adam (Kingma and Ba 2015) has lowered ``loss(module, rows)``, with
    the weights of its best epoch on a tenth of the rows that it does not learn from (on all rows where they are few).

    Raises MissingExtra without torch.
    """
    try:
        import torch
    except ImportError as error:
        raise missing_extra("The algorithm", error) from error
    with repeatable_torch(seed):
        order = torch.randperm(len(x))
        held_out = int(HELD_OUT * len(x))
        rows = torch.from_numpy(x.astype(np.float32))[order]
        judged = rows[:held_out] if held_out >= FEWEST_HELD_OUT else rows
        learned = rows[held_out:] if held_out >= FEWEST_HELD_OUT else rows
        module = make()
        _descend(module, loss, rows=learned, judged=judged, schedule=schedule)
    return module


def _descend(
    module: Any, loss: Callable[[Any, Any], Any], *, rows: Any, judged: Any, schedule: Schedule
) -> None:
    import torch

    epochs, batch = schedule.sized(len(rows))
    optimiser = torch.optim.Adam(module.parameters(), lr=schedule.learning_rate)
    best, best_weights, since = math.inf, module.state_dict(), 0
    for _ in range(epochs):
        for part in torch.randperm(len(rows)).split(batch):
            optimiser.zero_grad()
            loss(module, rows[part]).backward()
            optimiser.step()
        with torch.no_grad():
            reached = float(loss(module, judged))
        since += 1
        if reached < best:
            best, since = reached, 0
            best_weights = {name: value.clone() for name, value in module.state_dict().items()}
        if since > PATIENCE:
            break
    module.load_state_dict(best_weights)
