"""What a version is, in words."""

from collections.abc import Iterator

from anomaly_detection.api import UnknownAlgorithm
from core.domain.errors import NotFound
from core.domain.ids import TenantId
from core.presentation.parts import Cell, Link, Text
from core.presentation.visit import Visit
from data_platform.api import Datasets, DatasetVersionView
from machine_learning.api import ModelRegistry, VersionView
from machine_learning.presentation.pages.shared import Names, percent


def facts_of(
    visit: Visit, registry: ModelRegistry, datasets: Datasets, names: Names, version: VersionView
) -> Iterator[tuple[str, Cell]]:
    summary = version.summary
    yield "Algorithm", Text(_algorithm(registry, version))
    rows = f"{summary['rows']:,} rows"
    if summary["rows_fitted"] != summary["rows"]:
        rows += f", a sample of {summary['rows_fitted']:,} fitted"
    data = data_of(datasets, visit.actor.tenant_id, version)
    yield "Learned from", _learned_from(visit, version, data, rows)
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
        Text(
            f"seed {summary['seed']}, release {version.code_version}, "
            + (f"data {data.sha256[:12]}, " if data else "")
            + f"file {version.sha256[:12]}"
        ),
    )


def data_of(datasets: Datasets, tenant_id: TenantId, version: VersionView) -> DatasetVersionView | None:
    """What it learned from; None for an import, and where that was deleted."""
    if version.dataset_version_id is None:
        return None
    try:
        return datasets.queries.version_of(tenant_id, version.dataset_version_id)
    except NotFound:
        return None


def _learned_from(visit: Visit, version: VersionView, data: DatasetVersionView | None, rows: str) -> Cell:
    if version.dataset is None:
        return Text(f"{rows}; imported as a file")
    if data is None:
        return Text(f"{version.dataset}, deleted since: {rows}")
    text = f"{data.dataset} version {data.number}: {rows}"
    if not visit.may("datasets:read"):
        return Text(text)
    return Link(text, visit.url("datasets", data.dataset, version=data.number))


def _algorithm(registry: ModelRegistry, version: VersionView) -> str:
    said = str(version.summary.get("description") or "")
    try:
        entry = registry.catalogue.algorithm(version.algorithm)
    except UnknownAlgorithm:  # of a file made by a release that knew it
        return f"{version.algorithm}. {said}".strip()
    return f"{entry.title}. {said or entry.summary}"
