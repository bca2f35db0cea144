"""Rules of the house that a machine can hold."""

from importlib.metadata import packages_distributions
from importlib.util import find_spec
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SOURCES = ROOT / "src" / "packages"
CONTEXTS = sorted(p.name for p in SOURCES.iterdir() if (p / "__init__.py").exists())
LONGEST = 400  # lines


@pytest.mark.parametrize("name", CONTEXTS)
def test_a_context_comes_from_our_tree_and_from_no_other_distribution(name: str) -> None:
    spec = find_spec(name)
    assert spec is not None
    assert spec.origin == str(SOURCES / name / "__init__.py")
    assert packages_distributions().get(name, ["anomaly_detection"]) == ["anomaly_detection"]


def test_no_file_is_too_long_to_read() -> None:
    files = [p for folder in ("src", "tests", "examples", "scripts") for p in (ROOT / folder).rglob("*.py")]
    assert [str(p.relative_to(ROOT)) for p in files if len(p.read_text().splitlines()) > LONGEST] == []


def test_packages_are_not_named_in_their_init_files() -> None:
    inits = [p for p in SOURCES.rglob("__init__.py") if p.parent.name != "anomaly_detection"]
    assert [str(p) for p in inits if p.read_text()] == []
