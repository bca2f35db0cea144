"""The settings of one run: typed values, each with the place it comes from."""

from collections import ChainMap
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from core.domain.errors import NotFound
from core.domain.suggestion import did_you_mean
from core.infrastructure.settings_files import of_files, places
from core.infrastructure.settings_sources import (
    DEFAULT,
    Given,
    InvalidSetting,
    of_environment,
    of_flags,
    of_machine,
    of_well_known,
)
from core.infrastructure.settings_tree import SettingsTree, paths, secrets, sections

MASK = "********"


class NoSuchSetting(NotFound):
    title = "No such setting"


@dataclass(frozen=True, slots=True)
class Settings:
    values: SettingsTree
    origins: Mapping[str, str]  # of what is not left at its default

    @classmethod
    def load(
        cls,
        *,
        environment: Mapping[str, str],
        folder: Path,
        named: Path | None = None,
        flags: Mapping[str, tuple[object, str]] | None = None,
    ) -> "Settings":
        """Flags over variables of ours, over well-known ones, over files (nearest first), over defaults.

        ``folder`` is the working folder, ``named`` the file or folder to read in place of its ``config``. Raises
        UnknownSetting, InvalidSetting, ConfigNotFound.
        """
        sources = [of_flags(flags or {}), of_environment(environment), of_well_known(environment)]
        sources += [of_files(place, shown_from=folder) for place in places(named, environment, folder)]
        given = ChainMap(*map(dict, [*sources, of_machine(environment)]))
        origins = {path: value.origin for path, value in given.items() if value.origin != DEFAULT}
        return cls(_validated(given), origins)

    def get(self, path: str) -> Any:
        """The value at a dot path (``data.batch_rows``), or a section's values by key. Raises NoSuchSetting."""
        if path in sections():
            return dict(getattr(self.values, path))
        if path not in paths():
            raise _no_such(path)
        section, key = path.split(".")
        return getattr(getattr(self.values, section), key)

    def shown(self, path: str) -> Any:
        """As ``get``, with ``MASK`` in place of secrets that are set. Raises NoSuchSetting."""
        value = self.get(path)
        if isinstance(value, dict):
            return {key: self.shown(f"{path}.{key}") for key in value}
        return MASK if value and path in secrets() else value

    def origin(self, path: str) -> str:
        """``default``, ``environment NAME``, ``config/data.yaml:3`` or ``flag -v``. Raises NoSuchSetting."""
        if path not in paths():
            raise _no_such(path)
        return self.origins.get(path, DEFAULT)

    def paths(self) -> list[str]:
        """Every setting, in the order of the tree."""
        return paths()


def _no_such(path: str) -> NoSuchSetting:
    return NoSuchSetting(f"There is no setting {path!r}.", fix=did_you_mean(path, paths()))


def _validated(given: Mapping[str, Given]) -> SettingsTree:
    tree: dict[str, dict[str, object]] = {}
    for path, value in given.items():
        section, key = path.split(".")
        tree.setdefault(section, {})[key] = value.value
    try:
        return SettingsTree.model_validate(tree)
    except ValidationError as error:
        raise _refusal(error.errors(include_url=False)[0], given) from error


def _refusal(error: ErrorDetails, given: Mapping[str, Given]) -> InvalidSetting:
    """What is wrong with the first bad value, and where it was given."""
    path = ".".join(map(str, error["loc"][:2]))
    wrong = error["msg"].removeprefix("Value error, ")
    if path in given:
        return InvalidSetting(
            f"{given[path].origin}: {path} is {_quoted(path, given[path].value)}: {wrong}.",
            fix=_meaning(path),
        )
    origins = ", ".join(given[p].origin for p in paths() if p in given and p.startswith(f"{path}."))
    return InvalidSetting(f"{origins}: {wrong}.", fix="Change one of them.")


def _quoted(path: str, value: object) -> str:
    return MASK if path in secrets() else repr(value)


def _meaning(path: str) -> str:
    section, key = path.split(".")
    model: type[BaseModel] = sections()[section]
    return f"It means: {model.model_fields[key].description}"
