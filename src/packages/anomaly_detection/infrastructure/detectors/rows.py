"""What rows must be like before an algorithm sees them."""

import numpy as np

from anomaly_detection.domain.detector import Matrix, TooFewRows

LARGEST = 1e100  # values end here, so that their squares and sums of them stay finite


def bounded(x: Matrix) -> Matrix:
    """The rows with values in [-1e100, 1e100]: a copy."""
    return np.clip(x, -LARGEST, LARGEST)


def require_rows(x: Matrix, at_least: int, *, algorithm: str) -> None:
    """Raises TooFewRows."""
    if len(x) < at_least:
        raise TooFewRows(
            f"{algorithm} needs {at_least} rows of {x.shape[1]} features to learn from and has {len(x)}.",
            fix="Give more rows, or choose another algorithm.",
            rows=len(x),
        )
