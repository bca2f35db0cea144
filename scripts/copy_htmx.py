"""Hatch's build hook: puts htmx and its extension for server-sent events, from a wheel, beside our own script."""

from importlib.util import find_spec
from pathlib import Path
from shutil import copyfile
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

TAKEN = ("htmx-2.min.js", "ext/hx-sse-2.min.js")
TARGET = Path("src/packages/interfaces/presentation/static/vendor")


class CopyHtmx(BuildHookInterface):  # type: ignore[type-arg]  # hatchling leaves its builder's type open
    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        found = find_spec("django_htmx")
        if found is None or not found.submodule_search_locations:
            raise FileNotFoundError(
                "The wheel django-htmx is missing: pip install --no-deps -r requirements/assets.txt"
            )
        source = Path(found.submodule_search_locations[0]) / "static" / "django_htmx"
        target = Path(self.root) / TARGET
        target.mkdir(exist_ok=True)
        for name in TAKEN:
            copyfile(source / name, target / Path(name).name)
        build_data["artifacts"].append(f"{TARGET}/*.js")
