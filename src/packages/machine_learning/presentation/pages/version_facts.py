"""What a version is, in words."""

from collections.abc import Iterator

from anomaly_detection.api import UnknownAlgorithm
from core.presentation.parts import Cell, Link, Text
from core.presentation.visit import Visit
from machine_learning.api import ModelRegistry, VersionView
from machine_learning.presentation.pages.shared import Names, percent


def facts_of(
    visit: Visit, registry: ModelRegistry, names: Names, version: VersionView
) -> Iterator[tuple[str, Cell]]:
    summary = version.summary
    yield "Algorithm", Text(_algorithm(registry, version))
    rows = f"{summary['rows']:,} rows"
    if summary["rows_fitted"] != summary["rows"]:
        rows += f", a sample of {summary['rows_fitted']:,} fitted"
    if version.dataset is None:
        yield "Learned from", Text(f"{rows}; imported as a file")
    else:
        yield "Learned from", Link(f"{version.dataset}: {rows}", visit.url("datasets", version.dataset))
    yield "Features", Text(f"{summary['features']:,}")
    flags = f"{percent(version.alert_rate)} of rows like those it learned from"
    if version.alert_rate != version.trained_alert_rate:
        flags += f"; {percent(version.trained_alert_rate)} as it was trained, and in its file"
    yield "Flags", Text(flags)
    seconds = summary.get("fit_seconds")
    yield "Trained", visit.moment(version.created_at)
    who = names(version.user_id, version.key_id)
    yield "By", Text(who if seconds is None else f"{who}, in {seconds:.3g} s")
    yield (
        "Made with",
        Text(f"seed {summary['seed']}, release {version.code_version}, file {version.sha256[:12]}"),
    )


def _algorithm(registry: ModelRegistry, version: VersionView) -> str:
    said = str(version.summary.get("description") or "")
    try:
        entry = registry.catalogue.algorithm(version.algorithm)
    except UnknownAlgorithm:  # of a file made by a release that knew it
        return f"{version.algorithm}. {said}".strip()
    return f"{entry.title}. {said or entry.summary}"
