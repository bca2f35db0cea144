"""What the commands ``generate`` make of their options, and what they print."""

import re
from collections.abc import Iterable, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

from core.domain.errors import InvalidOption
from core.domain.suggestion import did_you_mean
from core.presentation.options import names
from data_platform.api import OutlierKind, TableSpec

UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
FORMATS = ("parquet", "csv")


class InvalidChoice(InvalidOption):
    title = "The option does not take that value"


def duration(text: str) -> timedelta:
    """``30s``, ``1m``, ``1h``, ``1d``. Raises InvalidChoice."""
    found = re.fullmatch(r"(\d{1,6})([smhd])", text.strip())
    if found is None or int(found[1]) == 0:
        raise InvalidChoice(f"--step is {text!r}.", fix="Give a number and s, m, h or d, such as 1m.")
    return timedelta(**{UNITS[found[2]]: int(found[1])})


def file_format(text: str) -> str:
    """Raises InvalidChoice."""
    if text not in FORMATS:
        raise InvalidChoice(f"--file-format is {text!r}.", fix="Give parquet or csv.")
    return text


def outlier_kinds(given: Iterable[str] | None, *, n_features: int) -> tuple[OutlierKind, ...]:
    """All that the columns allow where none are given. Raises InvalidChoice."""
    chosen = names(given)
    if chosen is None:
        return tuple(kind for kind in OutlierKind if n_features > 1 or kind is not OutlierKind.DEPENDENCY)
    known = [kind.value for kind in OutlierKind]
    for name in chosen:
        if name not in known:
            raise InvalidChoice(f"--kinds names {name!r}.", fix=did_you_mean(name, known))
    return tuple(OutlierKind(name) for name in dict.fromkeys(chosen))


def series_document(manifest: Mapping[str, Any], folder: Path) -> dict[str, Any]:
    """What was written where; the anomalies themselves are in the manifest."""
    counted = {name: value for name, value in manifest.items() if name != "anomalies"}
    return counted | {"folder": str(folder), "anomalies": len(manifest["anomalies"])}


def table_document(spec: TableSpec, path: Path, outliers: int) -> dict[str, Any]:
    return {
        "schema": "anom.synthetic_table/1",
        "file": str(path),
        "rows": spec.n_rows,
        "features": spec.n_features,
        "outliers": outliers,
        "kinds": [kind.value for kind in spec.kinds],
        "seed": spec.seed,
    }
