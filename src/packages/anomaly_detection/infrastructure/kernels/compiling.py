"""How our numba kernels are compiled: ahead of the first call, for one layout, cached on disk, without the GIL."""

from collections.abc import Callable
from typing import Any

from numba import njit, types

FLOAT32, FLOAT64, INT64, UINT32, VOID = types.float32, types.float64, types.int64, types.uint32, types.void


def array(element: types.Type, dimensions: int) -> types.Type:
    """A C-contiguous array that is only read; writable and read-only ones both fit, so neither compiles anew."""
    return types.Array(element, dimensions, "C", readonly=True)


def writable(element: types.Type, dimensions: int) -> types.Type:
    """A C-contiguous array that the kernel fills."""
    return types.Array(element, dimensions, "C")


def inlined(function: Callable[..., Any]) -> Callable[..., Any]:
    """A piece that kernels share, compiled into each of them."""
    made: Callable[..., Any] = njit(nogil=True)(function)
    return made


def kernel(*arguments: types.Type, **options: bool) -> Callable[[Callable[..., None]], Callable[..., Any]]:
    """Compile a function of these argument types that returns nothing."""

    def compiled(function: Callable[..., None]) -> Callable[..., Any]:
        signature = VOID(*arguments)
        try:
            made: Callable[..., Any] = njit(signature, nogil=True, cache=True, **options)(function)
        except RuntimeError:  # no folder to cache in can be written: compile again in every process
            made = njit(signature, nogil=True, **options)(function)
        return made

    return compiled
