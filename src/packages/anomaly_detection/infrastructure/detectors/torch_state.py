"""torch as a guest: it starts from a seed, uses one thread, and is left as it was found."""

from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def repeatable_torch(seed: int) -> Iterator[None]:
    """Equal draws and sums in the block for equal seeds, on any number of cores. Raises ImportError without torch."""
    import torch

    deterministic = torch.are_deterministic_algorithms_enabled()
    warn_only = torch.is_deterministic_algorithms_warn_only_enabled()
    threads = torch.get_num_threads()
    with torch.random.fork_rng(devices=[]):
        torch.random.default_generator.manual_seed(seed)
        torch.use_deterministic_algorithms(True)
        torch.set_num_threads(1)
        try:
            yield
        finally:
            torch.set_num_threads(threads)
            torch.use_deterministic_algorithms(deterministic, warn_only=warn_only)
