"""Autoencoder and variational autoencoder."""

import sys

import numpy as np
import pytest
from numpy.typing import NDArray
from sklearn.metrics import roc_auc_score

from anomaly_detection.domain.algorithm import Scaling
from anomaly_detection.domain.detector import ExplainsItself
from anomaly_detection.domain.scaling import Scaler
from anomaly_detection.infrastructure.detectors.catalogue import algorithm, detector
from anomaly_detection.infrastructure.detectors.dense_network import Layers, Schedule
from anomaly_detection.infrastructure.detectors.foreign import MissingExtra

NETWORKS = ["autoencoder", "vae"]


def planted(n_rows: int, n_features: int, *, seed: int) -> tuple[NDArray[np.float64], NDArray[np.intp]]:
    """Standardised rows of two hidden causes; each of the first tenth has one feature far out: rows and which."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(n_rows, 2)) @ rng.normal(size=(2, n_features)) + 0.3 * rng.normal(
        size=(n_rows, n_features)
    )
    columns = np.arange(n_rows // 20) % n_features
    for i, column in enumerate(columns):
        x[i, column] += (8 if i % 2 else -8) * x[:, column].std()
    return Scaler.fit(x, Scaling.STANDARD).transform(x), columns


@pytest.mark.parametrize("name", NETWORKS)
def test_without_torch_the_error_says_what_to_install(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "torch", None)

    with pytest.raises(MissingExtra, match=r"pip install 'anomaly_detection\[deep\]'"):
        detector(name, {}, seed=0).fit(np.zeros((50, 3)))


def test_without_torch_pyods_networks_say_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [m for m in sys.modules if m.startswith("pyod.models.lunar")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "torch", None)

    with pytest.raises(MissingExtra, match=r"anomaly_detection\[deep\]"):
        detector("pyod:LUNAR", {}, seed=0).fit(np.zeros((50, 3)))


def test_layers_come_back_from_their_arrays() -> None:
    layers = Layers((np.ones((2, 3)), np.ones((1, 2))), (np.zeros(2), np.ones(1)))

    restored = Layers.restore("network", layers.arrays("network"))

    x = np.array([[0.1, 0.2, 0.3]])
    assert restored(x)[0, 0] == pytest.approx(2 * np.tanh(0.6) + 1)


@pytest.mark.parametrize("n_rows", [10, 200, 5_000, 200_000])
def test_training_takes_about_three_thousand_steps(n_rows: int) -> None:
    epochs, batch = Schedule(None, None, 1e-3).sized(n_rows)

    assert 10 <= epochs <= 300
    assert 32 <= batch <= 1024
    assert epochs * -(-n_rows // batch) <= 4_500


@pytest.mark.deep
@pytest.mark.parametrize("name", NETWORKS)
@pytest.mark.parametrize(("n_rows", "n_features"), [(200, 5), (1_000, 8)])
def test_planted_rows_are_found_and_explained(name: str, n_rows: int, n_features: int) -> None:
    x, columns = planted(n_rows, n_features, seed=n_rows)
    network = detector(name, {}, seed=0)

    scores = network.fit(x)

    assert isinstance(network, ExplainsItself)
    contributions = network.contributions(x[: len(columns)])
    assert roc_auc_score(np.arange(n_rows) < len(columns), scores) > 0.95
    assert np.mean(contributions.argmax(axis=1) == columns) >= algorithm(name).planted_first
    np.testing.assert_allclose(contributions.sum(axis=1), scores[: len(columns)])


@pytest.mark.deep
@pytest.mark.parametrize("name", NETWORKS)
def test_a_seed_gives_equal_scores_and_leaves_torch_as_it_was(name: str) -> None:
    import torch

    x, _ = planted(200, 5, seed=1)
    torch.manual_seed(11)
    expected = torch.Generator().manual_seed(11)
    before = (torch.get_num_threads(), torch.are_deterministic_algorithms_enabled())

    first = detector(name, {"epochs": 5}, seed=3).fit(x)
    second = detector(name, {"epochs": 5}, seed=3).fit(x)
    other = detector(name, {"epochs": 5}, seed=4).fit(x)

    np.testing.assert_array_equal(first, second)
    assert not np.array_equal(first, other)
    assert (torch.get_num_threads(), torch.are_deterministic_algorithms_enabled()) == before
    assert torch.rand(1) == torch.rand(1, generator=expected)


@pytest.mark.deep
@pytest.mark.parametrize("name", NETWORKS)
def test_a_stored_network_scores_equally_without_torch(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    x, _ = planted(200, 5, seed=1)
    network, restored = detector(name, {"epochs": 5}, seed=3), detector(name, {"epochs": 5}, seed=3)
    scores = network.fit(x)
    monkeypatch.setitem(sys.modules, "torch", None)

    restored.restore(network.state())

    np.testing.assert_array_equal(restored.score(x), scores)
    np.testing.assert_allclose(np.concatenate([restored.score(x[i : i + 1]) for i in range(5)]), scores[:5])


@pytest.mark.deep
def test_pyods_networks_print_nothing_and_repeat(capsys: pytest.CaptureFixture[str]) -> None:
    x, _ = planted(60, 4, seed=0)

    scores = [detector("pyod:MO_GAAL", {"stop_epochs": 1, "k": 2}, seed=5).fit(x) for _ in range(2)]

    np.testing.assert_array_equal(scores[0], scores[1])
    assert capsys.readouterr().out == ""
