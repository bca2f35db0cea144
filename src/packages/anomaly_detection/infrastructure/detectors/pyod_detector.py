import io
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext, redirect_stdout
from importlib import import_module
from typing import Any

import numpy as np

from anomaly_detection.domain.detector import (
    CannotBeSaved,
    DetectorState,
    FitFailed,
    InvalidParameter,
    Matrix,
    Scores,
)
from anomaly_detection.infrastructure import skops_codec
from anomaly_detection.infrastructure.detectors.foreign import missing_extra, sentence
from anomaly_detection.infrastructure.detectors.pyod_classes import OFFERED
from anomaly_detection.infrastructure.detectors.rows import bounded, require_rows
from anomaly_detection.infrastructure.detectors.torch_state import repeatable_torch
from core.domain.errors import Invalid

BLOB = "pyod.skops"


class NoFiniteScore(Invalid):
    title = "The algorithm gives rows no finite score"


class PyodDetector:
    """A class of PyOD with its own scores, higher is more anomalous; ``accepted`` are the names its constructor
    takes."""

    def __init__(self, *, seed: int, class_name: str, accepted: frozenset[str], **parameters: object) -> None:
        self._seed = seed
        self._class = OFFERED[class_name]
        self._accepted = accepted
        self._parameters = {name: number_or_text(value) for name, value in parameters.items()}
        self._n_features = 0
        self._fitted: Any = None

    def fit(self, x: Matrix) -> Scores:
        require_rows(x, 2, algorithm=self._name)
        most = self._class.most_rows or len(x)
        if len(x) <= most:
            return self._fit(bounded(x))
        chosen = np.random.default_rng(self._seed).choice(len(x), most, replace=False)
        of_chosen = self._fit(bounded(x[chosen]))
        scores = self.score(x)
        scores[chosen] = of_chosen
        return scores

    def _fit(self, x: Matrix) -> Scores:
        made = self._imported()
        with repeatable(self._seed, torch=self._class.deep):
            model = self._constructed(made, n_features=x.shape[1])
            try:
                model.fit(x)
            except Exception as error:  # PyOD's classes fail in every way there is
                raise FitFailed(
                    f"{self._name} cannot be fitted to {len(x)} rows of {x.shape[1]} features: {sentence(error)}",
                    fix="Change its parameters, or choose another algorithm.",
                ) from error
        self._n_features, self._fitted = x.shape[1], model
        return self._finite(model.decision_scores_)

    def score(self, x: Matrix) -> Scores:
        if len(x) == 0:
            return np.empty(0)
        with repeatable(self._seed, torch=self._class.deep):
            return self._finite(self._fitted.decision_function(bounded(x)))

    def state(self) -> DetectorState:
        if not self._class.saves:
            raise CannotBeSaved(
                f"{self._name} cannot be stored without pickle.", fix="Choose another algorithm."
            )
        return DetectorState(
            values={"n_features": self._n_features}, blobs={BLOB: skops_codec.dumps(self._fitted)}
        )

    def restore(self, state: DetectorState) -> None:
        module = f"pyod.models.{self._class.module}"
        self._fitted = skops_codec.loads(state.blobs[BLOB], expected=f"{module}.{self._class.name}")
        self._n_features = int(str(state.values["n_features"]))
        try:
            with repeatable(self._seed, torch=False):
                self._fitted.decision_function(np.zeros((2, self._n_features)))
        except Exception as error:  # attributes that do not fit together fail in every way there is
            raise skops_codec.unreadable(f"it gives no score ({type(error).__name__})") from error

    @property
    def _name(self) -> str:
        return f"pyod:{self._class.name}"

    def _imported(self) -> Any:
        try:
            return getattr(import_module(f"pyod.models.{self._class.module}"), self._class.name)
        except ImportError as error:
            raise missing_extra(self._name, error) from error

    def _constructed(self, made: Any, *, n_features: int) -> Any:
        ours: dict[str, object] = {
            "device": "cpu",
            "n_features": n_features,
            "n_jobs": 1,
            "random_state": self._seed,
            "verbose": 0,
        }
        if self._class.brute:
            ours["algorithm"] = "brute"
        chosen = {name: value for name, value in ours.items() if name in self._accepted} | self._parameters
        try:
            return made(**chosen)
        except (ValueError, TypeError, KeyError) as error:
            raise InvalidParameter(f"{self._name}: {sentence(error)}", fix="See its parameters.") from error

    def _finite(self, scores: object) -> Scores:
        found = np.asarray(scores, dtype=np.float64).reshape(-1)
        if not np.isfinite(found).all():
            raise NoFiniteScore(
                f"{self._name} gives {np.count_nonzero(~np.isfinite(found))} of {len(found)} rows no finite score.",
                fix="Choose another algorithm.",
            )
        return found


def number_or_text(value: object) -> object:
    """PyOD takes numbers where its default is a word ('auto'); these come as text."""
    if isinstance(value, str):
        for kind in (int, float):
            try:
                return kind(value)
            except ValueError:
                continue
    return value


@contextmanager
def repeatable(seed: int, *, torch: bool) -> Iterator[None]:
    """PyOD draws from global generators in places: they start at ``seed`` and are left as they were found. Its
    warnings are about its own defaults and dependencies; standard output is for our results, not for its epochs."""
    before = np.random.get_state()
    np.random.seed(seed % 2**32)
    try:
        with warnings.catch_warnings(), np.errstate(all="ignore"), redirect_stdout(io.StringIO()):
            warnings.simplefilter("ignore")
            with repeatable_torch(seed) if torch else nullcontext():
                yield
    finally:
        np.random.set_state(before)
