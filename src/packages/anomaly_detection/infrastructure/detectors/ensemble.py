from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self, TypeVar

import numpy as np
from numpy.typing import NDArray

from anomaly_detection.application.attribution import contributions_by_column
from anomaly_detection.domain.algorithm import Algorithm, Scaling
from anomaly_detection.domain.calibration import ScoreCalibration
from anomaly_detection.domain.detector import (
    Contributions,
    Detector,
    DetectorState,
    InvalidParameter,
    Matrix,
    Scores,
    UnknownAlgorithm,
)
from anomaly_detection.domain.scaling import Scaler
from anomaly_detection.infrastructure.detectors.catalogue import algorithm, detector

Part = TypeVar("Part")
SEEDS = 2**32  # of NumPy's generators
ANY_ALERT_RATE = 0.5  # only the calibration's tail function is used, which does not depend on it


class RankEnsemble:
    """The members' surprise, averaged (Fisher's method) or at its largest: -ln of the share of training rows that a
    member scores at least as high, 0 or more. Each member sees the rows in its own scaling."""

    def __init__(self, *, seed: int, members: str, combination: str) -> None:
        self._seed = seed
        self._algorithms = member_algorithms(members)
        self._largest = combination == "max"
        self._members: list[Member] = []

    def fit(self, x: Matrix) -> Scores:
        fitted = [Member.fit(entry, x, seed=self._seed_of(i)) for i, entry in enumerate(self._algorithms)]
        self._members = [member for member, _ in fitted]
        return self._combined(np.column_stack([surprise for _, surprise in fitted]))

    def score(self, x: Matrix) -> Scores:
        return self._combined(np.column_stack([member.surprise(x) for member in self._members]))

    def contributions(self, x: Matrix) -> Contributions:
        """They sum to the score: each member's surprise in proportion to what its features add."""
        shares = np.stack([member.shares(x) for member in self._members])
        if not self._largest:
            return np.asarray(shares.mean(axis=0))
        deciding = np.argmax([member.surprise(x) for member in self._members], axis=0)
        return np.asarray(shares[deciding, np.arange(len(x))])

    def state(self) -> DetectorState:
        parts = {str(i): member.state() for i, member in enumerate(self._members)}
        return DetectorState(
            values={number: dict(part.values) for number, part in parts.items()},
            arrays={f"{n}.{name}": array for n, part in parts.items() for name, array in part.arrays.items()},
            blobs={f"{n}.{name}": blob for n, part in parts.items() for name, blob in part.blobs.items()},
        )

    def restore(self, state: DetectorState) -> None:
        self._members = []
        for number, entry in enumerate(self._algorithms):
            values: Any = state.values[str(number)]
            arrays, blobs = of_member(state.arrays, number), of_member(state.blobs, number)
            part = DetectorState(values=values, arrays=arrays, blobs=blobs)
            self._members.append(Member.restore(entry, part, seed=self._seed_of(number)))

    def _seed_of(self, number: int) -> int:
        return (self._seed + number) % SEEDS

    def _combined(self, surprises: NDArray[np.float64]) -> Scores:
        return np.asarray(surprises.max(axis=1) if self._largest else surprises.mean(axis=1))


@dataclass(frozen=True, slots=True)
class Member:
    """A fitted detector with what brings rows to it and its scores to the others'."""

    scaler: Scaler
    detector: Detector
    calibration: ScoreCalibration
    typical: Matrix  # shape (1, n_features), scaled: the medians of the training rows

    @classmethod
    def fit(cls, entry: Algorithm, x: Matrix, *, seed: int) -> tuple[Self, Scores]:
        """The member and the training rows' surprise; above the algorithm's limit it learns from a sample."""
        scaler = Scaler.fit(x, entry.scaling)
        rows = scaler.transform(x)
        made = detector(entry.name, {}, seed=seed)
        limit = entry.cost.max_fit_rows
        if len(rows) <= limit:
            scores = made.fit(rows)
        else:
            chosen = np.random.default_rng(seed).choice(len(rows), limit, replace=False)
            of_chosen = made.fit(np.ascontiguousarray(rows[chosen]))
            scores = made.score(rows)
            scores[chosen] = of_chosen
        calibration = ScoreCalibration.fit(scores, ANY_ALERT_RATE)
        member = cls(scaler, made, calibration, np.median(rows, axis=0, keepdims=True))
        return member, -np.log(calibration.tail_probability(scores))

    def surprise(self, x: Matrix) -> Scores:
        return -np.log(self.calibration.tail_probability(self.detector.score(self.scaler.transform(x))))

    def shares(self, x: Matrix) -> Contributions:
        """The surprise, split by feature; equally where no feature raises the score."""
        features = [np.array([i]) for i in range(x.shape[1])]
        rows = self.scaler.transform(x)
        found = contributions_by_column(self.detector, rows, typical=self.typical, groups=features)
        raising = np.maximum(found, 0.0)
        total = raising.sum(axis=1, keepdims=True)
        share = np.full_like(raising, 1 / x.shape[1])
        np.divide(raising, total, out=share, where=total > 0)
        return self.surprise(x)[:, None] * share

    def state(self) -> DetectorState:
        own = self.detector.state()
        parts = {
            "detector": own.arrays,
            "scaler": self.scaler.arrays(),
            "calibration": self.calibration.arrays(),
            "typical": {"row": self.typical},
        }
        arrays = {f"{part}.{name}": array for part, named in parts.items() for name, array in named.items()}
        return DetectorState(values=own.values, arrays=arrays, blobs=own.blobs)

    @classmethod
    def restore(cls, entry: Algorithm, state: DetectorState, *, seed: int) -> Self:
        parts: dict[str, dict[str, NDArray[Any]]] = {
            "detector": {},
            "scaler": {},
            "calibration": {},
            "typical": {},
        }
        for name, array in state.arrays.items():
            part, _, inner = name.partition(".")
            parts[part][inner] = array
        made = detector(entry.name, {}, seed=seed)
        made.restore(DetectorState(values=state.values, arrays=parts["detector"], blobs=state.blobs))
        scaler = Scaler.restore(entry.scaling, parts["scaler"])
        typical = np.asarray(parts["typical"]["row"], dtype=np.float64)
        if typical.ndim != 2 or len(typical) != 1:
            raise ValueError("a member's typical row is not one row")
        if entry.scaling is not Scaling.NONE and scaler.centre.shape != typical.shape[1:]:
            raise ValueError("a member's scales and features differ")
        return cls(scaler, made, ScoreCalibration.restore(parts["calibration"]), typical)


def of_member(named: Mapping[str, Part], number: int) -> dict[str, Part]:
    prefix = f"{number}."
    return {name.removeprefix(prefix): part for name, part in named.items() if name.startswith(prefix)}


def member_algorithms(members: str) -> tuple[Algorithm, ...]:
    """The entries of comma-separated names. Raises InvalidParameter."""
    try:
        entries = tuple(algorithm(name.strip()) for name in members.split(","))
    except UnknownAlgorithm as unknown:
        raise refused(members, unknown.detail, fix=unknown.fix) from None
    names = [entry.name for entry in entries]
    unfit = [e.name for e in entries if not e.saves or e.name in ("auto", "ensemble")]
    if unfit:
        raise refused(members, f"{unfit[0]} cannot be a member.", fix="Name algorithms that can be stored.")
    if len(entries) < 2 or len(set(names)) < len(names):
        raise refused(members, "An ensemble is of several.", fix="Name two or more algorithms, each once.")
    return entries


def refused(members: str, why: str, *, fix: str) -> InvalidParameter:
    return InvalidParameter(f"Parameter members is {members!r}. {why}", fix=fix, parameter="members")
