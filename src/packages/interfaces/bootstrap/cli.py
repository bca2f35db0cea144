"""The console script. Each process of a job or of a server imports this again, as its main module: it imports nothing of
ours itself."""

import os
import sys
from contextlib import suppress


def main() -> None:
    """The console script."""
    from core.presentation.boundary import run
    from interfaces.bootstrap.commands import build

    code = run(build())
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError):
            if stream is not None:
                stream.flush()
    # Not sys.exit: where a CSV file is left halfway, Arrow's reader still waits for the interpreter in a thread of its own,
    # and the interpreter's end would abort the process. Nothing is registered to happen at exit.
    os._exit(code)


if __name__ == "__main__":
    main()
