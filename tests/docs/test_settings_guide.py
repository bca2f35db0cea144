"""The settings guide and the shipped files say what the code says."""

import json
from pathlib import Path

import pytest
import yaml
from pydantic.fields import FieldInfo

from core.infrastructure.settings import Settings
from core.infrastructure.settings_sources import WELL_KNOWN, names_of
from core.infrastructure.settings_tree import paths, sections

ROOT = Path(__file__).parents[2]
GUIDE = (ROOT / "docs/guides/settings.md").read_text()


def field(path: str) -> FieldInfo:
    section, key = path.split(".")
    return sections()[section].model_fields[key]


def written(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, default=str)


@pytest.mark.parametrize("path", paths())
def test_the_guide_has_a_row_for_each_setting(path: str) -> None:
    setting = field(path)
    row = f"| `{path}` | `{written(setting.default)}` | `{names_of(path)[1]}` | {setting.description} |"
    assert row in GUIDE.splitlines()


def test_the_guide_has_no_row_for_what_is_no_setting() -> None:
    rows = [line for line in GUIDE.splitlines() if line.startswith("| `")]
    assert len(rows) == len(paths())


@pytest.mark.parametrize(("name", "path"), WELL_KNOWN.items())
def test_the_guide_names_each_well_known_variable(name: str, path: str) -> None:
    assert f"`{name}` (`{path}`)" in GUIDE


@pytest.mark.parametrize("section", sections())
def test_the_shipped_file_of_a_section_shows_each_key_at_its_default(section: str) -> None:
    lines = (ROOT / "config" / f"{section}.yaml").read_text().splitlines()
    shown = yaml.safe_load("\n".join(line[1:] for line in lines if line.startswith("#") and line[1:2] != " "))
    fields = sections()[section].model_fields
    assert shown == {
        key: json.loads(json.dumps(setting.default, default=str)) for key, setting in fields.items()
    }


def test_the_shipped_files_change_nothing() -> None:
    settings = Settings.load(environment={}, folder=ROOT)
    assert settings.origins == {}


def test_every_shipped_file_is_a_section() -> None:
    assert {file.stem for file in (ROOT / "config").iterdir()} == set(sections())
