"""Chromium for the browser tests: the one that is there, else the system's package, else Playwright's."""

import os
import subprocess
import sys
from shutil import which

NAMES = ("chromium", "chromium-browser", "google-chrome")


def has_chromium() -> bool:
    return bool(os.environ.get("CHROMIUM")) or any(map(which, NAMES))


def main() -> int:
    if has_chromium():
        return 0
    if (apt := which("apt-get")) and os.geteuid() == 0:
        print("Installing Chromium ...", flush=True)
        quiet = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
        for command in (["update", "-qq"], ["install", "-y", "-qq", "--no-install-recommends", "chromium"]):
            done = subprocess.run([apt, *command], env=quiet, stdout=subprocess.DEVNULL, check=False)
            if done.returncode:
                return done.returncode
        return 0
    return subprocess.run([sys.executable, "-m", "playwright", "install", "chromium"], check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
