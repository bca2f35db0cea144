"""Where rows of many numbers lie on the plane that shows most of their variance."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from anomaly_detection.domain.detector import Matrix

LARGEST = 1e150  # of a number: sums of more would not be finite


@dataclass(frozen=True, slots=True)
class Plane:
    """``places`` (n_rows, 2) on the first two principal axes, of which each explains a share of the variance."""

    places: NDArray[np.float64]
    shares: tuple[float, float]


def varying(values: Matrix) -> tuple[Matrix, NDArray[np.intp]]:
    """``values`` (n_rows, n_columns) with medians for what is not finite, and the indices of the columns that are left: those
    that hold more than one value."""
    known = np.clip(np.where(np.isfinite(values), values, np.nan), -LARGEST, LARGEST)
    present = np.flatnonzero(~np.isnan(known).all(axis=0))
    known = known[:, present]
    filled = np.where(np.isnan(known), np.nanmedian(known, axis=0), known) if len(present) else known
    differs = np.flatnonzero((filled != filled[:1]).any(axis=0))
    return filled[:, differs], present[differs]


def plane(values: Matrix) -> Plane:
    """``values`` (n_rows, n_columns >= 2) are finite and no column is constant: each is standardised first. An axis points to
    where its largest loading is positive (Pearson 1901)."""
    scaled = values / np.abs(values).max(axis=0)
    deviations = scaled - scaled.mean(axis=0)
    spread = deviations.std(axis=0)
    standard = deviations / np.where(spread > 0, spread, 1)
    strengths, axes = np.linalg.eigh(standard.T @ standard)  # ascending
    leading = axes[:, :-3:-1]
    signs = np.sign(leading[np.abs(leading).argmax(axis=0), [0, 1]])
    shares = np.maximum(strengths[:-3:-1], 0) / strengths.sum()
    return Plane(standard @ (leading * signs), (float(shares[0]), float(shares[1])))
