"""Writes Alembic revisions from the difference between the newest revision and the code.

It also lists the modules that define tables. ``make migration MESSAGE="results keep their seed"`` adds one. ``make migration INITIAL=1`` writes the first ones anew, one
for each context: right only until a version of the product has been released.
"""

import argparse
import importlib
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from sqlalchemy import Engine

from core.infrastructure.database import open_database
from core.infrastructure.schema import metadata
from interfaces.bootstrap import tables
from interfaces.infrastructure.schema_changes import migrate, write_revision
from interfaces.infrastructure.schema_status import FOLDER

VERSIONS = FOLDER / "versions"
SOURCES = Path(__file__).parents[1] / "src" / "packages"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--message", default="change")
    parser.add_argument("--initial", action="store_true")
    asked = parser.parse_args()
    list_modules()
    importlib.reload(tables).import_tables()
    if asked.initial:
        for path in VERSIONS.glob("r*.py"):
            path.unlink()
    with tempfile.TemporaryDirectory() as folder:
        database = open_database(f"sqlite:///{folder}/scratch.db")
        for prefix in prefixes() if asked.initial else [""]:
            write(database.system, asked.message if not prefix else f"{prefix} tables", prefix)
        database.dispose()


def list_modules() -> None:
    """Write into ``interfaces.bootstrap.tables`` which modules define tables."""
    found = [
        ".".join(path.relative_to(SOURCES).with_suffix("").parts)
        for path in sorted(SOURCES.glob("*/infrastructure/**/*.py"))
        if re.search(r"= Table\($", path.read_text(), re.MULTILINE)
    ]
    source = Path(tables.__file__)
    listed = "".join(f'    "{name}",\n' for name in found)
    source.write_text(
        re.sub(r"MODULES = \(\n.*?\)", f"MODULES = (\n{listed})", source.read_text(), flags=re.DOTALL)
    )


def prefixes() -> list[str]:
    """Of the tables' names, those first that others refer to."""
    return list(dict.fromkeys(table.name.split("_")[0] for table in metadata.sorted_tables))


def write(engine: Engine, message: str, prefix: str) -> None:
    migrate(engine)
    number = f"{len(list(VERSIONS.glob('r*.py'))) + 1:04}"
    path = write_revision(engine, message, name=number, prefix=f"{prefix}_" if prefix else "")
    if path is None:
        print("The revisions say what the code says.")
        return
    path.write_text(re.sub(r" *# ### .* ###\n", "", path.read_text()))
    for step in (["check", "--fix", "--quiet"], ["format", "--quiet"]):
        subprocess.run([sys.executable, "-m", "ruff", *step, str(path)], check=True)
    migrate(engine)
    print(path.relative_to(Path.cwd()))


if __name__ == "__main__":
    main()
