"""Run the whole test suite; with --no-skips a skipped test is a failure."""

import argparse
import importlib.util
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]


def main() -> int:
    """pytest's exit code, or 1 when a test was skipped that must not be."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--workers", default="2")
    parser.add_argument("--no-skips", action="store_true")
    options = parser.parse_args()
    command = [sys.executable, "-m", "pytest", "-n", options.workers, "--dist", "worksteal"]
    environment = dict(os.environ)
    if options.no_skips:
        environment["ANOMALY_DETECTION_TESTS_NO_SKIPS"] = "1"
    elif importlib.util.find_spec("torch") is None:
        print(
            "torch is not installed: the tests of autoencoder and vae are left out (make setup-deep adds it)."
        )
        command += ["-m", "not deep"]
    return subprocess.run(command, cwd=ROOT, env=environment, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
