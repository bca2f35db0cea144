"""Make the project's virtual environment, or say in one line what is missing for it."""

import sys
from pathlib import Path

OLDEST = (3, 11)


def main(folder: str) -> str | None:
    """None when the environment stands, otherwise the line to show."""
    if sys.version_info < OLDEST:
        found = ".".join(map(str, sys.version_info[:3]))
        return f"Python {found} is too old: 3.11 or newer is needed. Name one: make PYTHON=python3.12 ..."
    try:
        import ensurepip  # noqa: F401  # Debian leaves it out of python3
        import venv
    except ImportError:
        package = f"python3.{sys.version_info[1]}-venv"
        return f"This Python has no venv module: install it (Debian, Ubuntu: apt-get install {package}) and run make again."
    venv.create(Path(folder), with_pip=True)
    return None


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
