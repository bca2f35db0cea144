"""Whether the compiled kernels are worth loading."""

import sys

STEPS_WORTH_LOADING = 50_000_000  # about a second of NumPy, what importing numba and cached kernels costs


def compiled(steps: float) -> bool:
    """Whether to use the compiled kernel for work of so many steps of about 20 ns in NumPy (one row through one tree)."""
    return steps >= STEPS_WORTH_LOADING or "numba" in sys.modules
