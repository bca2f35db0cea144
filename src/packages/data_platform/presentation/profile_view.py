"""A profile as rows, as a JSON document and as sentences."""

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from core.domain.wording import count, share
from data_platform.api import ColumnProfile, Histogram, Profile

BARS = "▁▂▃▄▅▆▇█"
WIDEST = 24  # characters of a value in the table


def rows(profile: Profile) -> list[dict[str, Any]]:
    """One row per column, for a terminal."""
    return [
        {
            "column": column.column,
            "kind": column.kind.value,
            "role": column.role.value,
            "missing": share((column.missing + column.infinite) / profile.rows) if profile.rows else "",
            "distinct": f"{'' if column.distinct_is_exact else '~'}{column.distinct:,}",
            "low": shortened(column.low),
            "median": column.quantiles.get("p50"),
            "high": shortened(column.high),
            "values": sparkline(column.histogram) if column.histogram else commonest(column, profile.sampled),
        }
        for column in profile.columns
    ]


def document(profile: Profile) -> dict[str, Any]:
    """The profile in full, ``anom.dataset_profile/1``."""
    return {
        "schema": "anom.dataset_profile/1",
        "input": profile.table,
        "rows": profile.rows,
        "sampled_rows": profile.sampled,
        "seed": profile.seed,
        "correlated_rows": profile.correlated,
        "columns": full_rows(profile),
        "findings": [asdict(finding) for finding in profile.findings],
        "notes": list(profile.notes),
    }


def full_rows(profile: Profile) -> list[dict[str, Any]]:
    """One row per column with everything that is known."""
    return [
        asdict(column) | {"top": [{"value": value, "rows": n} for value, n in column.top]}
        for column in profile.columns
    ]


def sentences(profile: Profile) -> Iterator[str]:
    """How the profile came about."""
    yield f"{profile.table}: {count(profile.rows, 'row')}, {count(len(profile.columns), 'column')}"
    if profile.sampled < profile.rows:
        yield (
            f"Counts and extremes are of all rows; quantiles, histograms, commonest values and warnings are of "
            f"{profile.sampled:,} rows chosen at random (seed {profile.seed})."
        )
    if not all(column.distinct_is_exact for column in profile.columns):
        yield "~ marks estimates of distinct values, good to about 3 %."
    yield from profile.notes


def warnings(profile: Profile) -> list[str]:
    return [finding.sentence for finding in profile.findings if finding.is_warning]


def sparkline(histogram: Histogram) -> str:
    """A bar per bin, its height relative to the fullest; an empty bin is a space."""
    most = max(histogram.counts)
    last = len(BARS) - 1
    return "".join(BARS[round(last * n / most)] if n else " " for n in histogram.counts)


def commonest(column: ColumnProfile, sampled: int) -> str:
    """``DE 61 %, FR 38 %``."""
    return ", ".join(f"{shortened(value)} {share(n / sampled)}" for value, n in column.top[:3])


def shortened(value: object) -> object:
    """Long text cut, anything else as it is."""
    if isinstance(value, str) and len(value) > WIDEST:
        return value[: WIDEST - 3] + "..."
    return value
