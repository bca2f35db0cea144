"""Where compiled kernels are kept between processes."""

import os
import sys
import tempfile
from pathlib import Path


def prepare(folder: Path) -> str | None:
    """Keep compiled kernels in this folder, made where it is missing; to be called before any kernel is loaded.

    What numba keeps there is code that it runs: nobody else may write to it. Gives a warning where it cannot be used;
    kernels are then compiled in each process that needs them.
    """
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        return (
            f"Compiled kernels cannot be kept in {folder} ({error.strerror}): starting takes seconds longer."
        )
    os.environ["NUMBA_CACHE_DIR"] = str(folder)
    if "numba" in sys.modules:
        sys.modules["numba"].config.reload_config()
    return None
