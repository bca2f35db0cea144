"""Settings in YAML files: where they are looked for, and every value with its file and line."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import yaml

from core.domain.errors import NotFound
from core.domain.suggestion import did_you_mean
from core.infrastructure.settings_sources import (
    CONFIG_VARIABLE,
    Given,
    InvalidSetting,
    Source,
    UnknownSetting,
    folder_of_user,
)
from core.infrastructure.settings_tree import paths, sections

WHOLE_TREE = (
    "settings"  # the stem of a file that holds sections; any other stem is the section the file holds
)
ENDINGS = (".yaml", ".yml")
CODE_IS_LOADED_FROM = ("compute.numba_cache_dir",)


class ConfigNotFound(NotFound):
    title = "No such settings file or folder"


@dataclass(frozen=True, slots=True)
class Place:
    """A file or folder of settings. ``named``: the caller asked for it; ``ours``: others do not write there."""

    path: Path
    named: bool = False
    ours: bool = True


def places(named: Path | None, environment: Mapping[str, str], folder: Path) -> list[Place]:
    """Nearest first: the place the caller named or else ``folder``/config, the user's, the system's."""
    asked = named or (Path(given) if (given := environment.get(CONFIG_VARIABLE)) else None)
    nearest = Place(asked, named=True) if asked else Place(folder / "config", ours=False)
    users = folder_of_user(environment, "XDG_CONFIG_HOME", ".config")
    return [nearest, *([Place(users)] if users else []), Place(Path("/etc/anomaly_detection"))]


def of_files(place: Place, *, shown_from: Path) -> Source:
    """What the files of one place give.

    In a folder the caller named, every YAML file must be ours; elsewhere files whose stem is no section are left alone,
    for they may belong to another program. Raises ConfigNotFound, UnknownSetting, InvalidSetting.
    """
    given: dict[str, Given] = {}
    for file in _files(place):
        shown = str(file.relative_to(shown_from)) if file.is_relative_to(shown_from) else str(file)
        section = _section_of(file, shown, place)
        for path, value in _values(file, shown, section):
            if path in given:
                raise InvalidSetting(
                    f"{value.origin}: {path} is given twice; first in {given[path].origin}.",
                    fix="Remove one of them.",
                )
            if path in CODE_IS_LOADED_FROM and not place.ours:
                raise InvalidSetting(
                    f"{value.origin}: {path} is not taken from a folder one merely stands in: code is loaded from there.",
                    fix=f"Set it in your own settings folder or name this one with --config {place.path}.",
                )
            given[path] = value
    return given


def _files(place: Place) -> list[Path]:
    try:
        if place.path.is_dir():
            return sorted(file for file in place.path.iterdir() if file.suffix in ENDINGS and file.is_file())
        found = place.path.exists()
    except OSError as error:
        if place.named:
            raise ConfigNotFound(f"The settings {place.path} cannot be read: {error.strerror}.") from error
        return []
    if place.named and not found:
        raise ConfigNotFound(
            f"There are no settings at {place.path}.",
            fix=f"Give a YAML file or a folder (--config, {CONFIG_VARIABLE}).",
        )
    return [place.path] if place.named else []


def _section_of(file: Path, shown: str, place: Place) -> str | None:
    """The section a file holds, ``WHOLE_TREE``, or None for a file that is not ours."""
    if file.stem in sections() or (file.stem == WHOLE_TREE and place.ours):
        return file.stem
    if not place.named:
        return None
    if file == place.path:
        return WHOLE_TREE
    known = (*sections(), WHOLE_TREE)
    raise UnknownSetting(
        f"{shown}: no section of the settings has this name.", fix=did_you_mean(file.stem, known)
    )


def _values(file: Path, shown: str, section: str | None) -> Iterator[tuple[str, Given]]:
    """Each setting of a file, as (path, what is given)."""
    if section is None:
        return
    with _reading(shown):
        loader = yaml.SafeLoader(file.read_text(encoding="utf-8-sig"))
        top = loader.get_single_node()
        for path, node in list(_entries(top, shown, section)):
            origin = f"{shown}:{node.start_mark.line + 1}"
            try:
                value = loader.construct_object(node, deep=True)
            except ValueError as error:
                raise InvalidSetting(f"{origin}: {path}: {error}.", fix="Mend that line.") from error
            yield path, Given(value, origin)


def _entries(top: yaml.Node | None, shown: str, section: str) -> Iterator[tuple[str, yaml.Node]]:
    if section != WHOLE_TREE:
        yield from _keys(top, shown, section)
        return
    for name, line, node in _pairs(top, shown):
        if name not in sections():
            raise UnknownSetting(
                f"{shown}:{line}: {name!r} is no section.", fix=did_you_mean(name, sections())
            )
        yield from _keys(node, shown, name)


def _keys(node: yaml.Node | None, shown: str, section: str) -> Iterator[tuple[str, yaml.Node]]:
    keys = list(sections()[section].model_fields)
    for key, line, value in _pairs(node, shown):
        if key in keys:
            yield f"{section}.{key}", value
        elif key == section:
            raise UnknownSetting(
                f"{shown}:{line}: the file's name says {section!r} already.",
                fix=f"Write its keys without '{section}:'.",
            )
        else:
            raise UnknownSetting(
                f"{shown}:{line}: {key!r} is no setting of {section!r}.", fix=_meant(key, section, keys)
            )


def _meant(key: str, section: str, keys: list[str]) -> str:
    """The nearest key of the section, or the setting of that name in another one."""
    elsewhere = [path for path in paths() if path.split(".")[1] == key and not path.startswith(f"{section}.")]
    return f"Did you mean {elsewhere[0]!r}?" if elsewhere else did_you_mean(key, keys)


def _pairs(node: yaml.Node | None, shown: str) -> Iterator[tuple[str, int, yaml.Node]]:
    """Each key of a mapping with its line and value; nothing of an empty file or section."""
    if node is None or node.tag == "tag:yaml.org,2002:null":
        return
    if not isinstance(node, yaml.MappingNode):
        raise InvalidSetting(
            f"{shown}:{node.start_mark.line + 1}: settings are written as 'key: value', one a line.",
            fix="Mend the file; `config show` lists the keys.",
        )
    for key, value in node.value:
        yield str(key.value) if isinstance(key, yaml.ScalarNode) else "?", key.start_mark.line + 1, value


@contextmanager
def _reading(shown: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise ConfigNotFound(f"The settings file {shown} cannot be read: {error.strerror}.") from error
    except yaml.MarkedYAMLError as error:
        line = f":{error.problem_mark.line + 1}" if error.problem_mark else ""
        raise InvalidSetting(
            f"{shown}{line} is not valid YAML: {error.problem}.", fix="Mend that line."
        ) from error
    except (yaml.YAMLError, UnicodeDecodeError, RecursionError) as error:
        raise InvalidSetting(
            f"{shown} is not valid YAML in UTF-8.", fix="Write it anew as plain text."
        ) from error
