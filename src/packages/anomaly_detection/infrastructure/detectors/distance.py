"""Euclidean distances and what each feature adds to them."""

import numpy as np

from anomaly_detection.domain.detector import Contributions, Matrix


def split(difference: Matrix) -> Contributions:
    """Each feature's part of the length of each row: they sum to it, in proportion to their squares."""
    length = np.sqrt((difference**2).sum(axis=1, keepdims=True))
    return np.asarray(np.divide(difference**2, length, out=np.zeros_like(difference), where=length > 0))
