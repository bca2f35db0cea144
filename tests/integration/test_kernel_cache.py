import os
import subprocess
import sys
from pathlib import Path

from anomaly_detection.infrastructure.kernels.cache import prepare

KEPT = """
import sys
from pathlib import Path
from anomaly_detection.infrastructure.kernels.cache import prepare
assert prepare(Path(sys.argv[1])) is None
import anomaly_detection.infrastructure.kernels.histograms_compiled
"""


def test_kernels_are_kept_in_the_folder_which_is_made_for_its_owner_alone(tmp_path: Path) -> None:
    folder = tmp_path / "new" / "kernels"
    subprocess.run([sys.executable, "-c", KEPT, str(folder)], check=True)
    assert list(folder.rglob("*.nbi"))
    assert folder.stat().st_mode & 0o777 == 0o700


def test_a_folder_that_cannot_be_used_is_a_warning(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("a file, not a folder")
    before = os.environ.get("NUMBA_CACHE_DIR")
    warning = prepare(tmp_path / "taken" / "kernels")
    assert warning is not None
    assert str(tmp_path / "taken" / "kernels") in warning
    assert os.environ.get("NUMBA_CACHE_DIR") == before
