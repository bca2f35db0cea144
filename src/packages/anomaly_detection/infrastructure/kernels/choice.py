"""Whether the compiled kernels are worth loading."""

import sys
from dataclasses import dataclass

# About a second of NumPy, what importing numba and cached kernels costs.
STEPS_WORTH_LOADING = 25_000_000


@dataclass
class _Work:
    """Of this process so far: a long table comes in batches, none of which is worth it alone."""

    steps: float = 0.0


_WORK = _Work()


def compiled(steps: float) -> bool:
    """Whether to use the compiled kernel for work of so many steps (one row through one tree, some 40 ns in NumPy)."""
    if "numba" in sys.modules:
        return True
    _WORK.steps += steps
    return _WORK.steps >= STEPS_WORTH_LOADING
