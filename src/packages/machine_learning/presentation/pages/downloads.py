"""A version as a file, and as a card that says what it is."""

from collections.abc import Iterator

from fastapi import Response
from fastapi.responses import PlainTextResponse

from core.presentation.visit import Here
from data_platform.api import DatasetVersionView
from machine_learning.api import VersionView
from machine_learning.presentation.http.versions import file_of
from machine_learning.presentation.pages.shared import (
    ModelPath,
    NumberPath,
    Registry,
    interval,
    model_pages,
    percent,
)
from machine_learning.presentation.pages.training import DatasetBundle
from machine_learning.presentation.pages.version_facts import data_of

router = model_pages()
MEASURES = {
    "average_precision": "PR AUC",
    "auroc": "ROC AUC",
    "precision": "Precision",
    "recall": "Recall",
    "f1": "F1",
    "alert_rate": "Alert rate",
}


@router.get("/models/{model}/versions/{number}/file")
def download(visit: Here, model: ModelPath, number: NumberPath, registry: Registry) -> Response:
    tenant_id = visit.actor.tenant_id
    return file_of(registry, tenant_id, registry.models.version(tenant_id, model, number))


@router.get("/models/{model}/versions/{number}/card.md")
def card(
    visit: Here, model: ModelPath, number: NumberPath, registry: Registry, datasets: DatasetBundle
) -> Response:
    version = registry.models.version(visit.actor.tenant_id, model, number)
    name = f"{version.model}-{version.number}.md"
    data = data_of(datasets, visit.actor.tenant_id, version)
    text = "\n".join(lines(version, data)) + "\n"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return PlainTextResponse(text, headers=headers, media_type="text/markdown")


def lines(version: VersionView, data: DatasetVersionView | None) -> Iterator[str]:
    """Markdown; what people typed stands in code spans, where it means nothing."""
    summary, metrics = version.summary, version.metrics
    yield f"# {version.model}, version {version.number}"
    yield ""
    yield f"- Algorithm: {version.algorithm}"
    yield f"- Learned from: {version.dataset or 'an imported file'}, {summary['rows']:,} rows ({summary['rows_fitted']:,} fitted)"
    if data is not None:
        yield f"- Data: version {data.number}, SHA-256 {data.sha256}"
    yield f"- Features: {summary['features']}"
    yield f"- Flags: {percent(version.alert_rate)} of rows like those it learned from"
    if version.alert_rate != version.trained_alert_rate:
        yield f"- Threshold: moved; the file flags {percent(version.trained_alert_rate)}, as it was trained"
    yield f"- Seed: {summary['seed']}; release: {version.code_version}"
    yield f"- File: {version.size:,} bytes, SHA-256 {version.sha256}"
    yield f"- Made: {version.created_at:%Y-%m-%d %H:%M} UTC; state: {version.state}"
    yield ""
    yield "## Parameters"
    yield ""
    yield from (f"- {name}: {plain(value)}" for name, value in summary.get("parameters", {}).items())
    yield ""
    yield "## Evaluation"
    yield ""
    if metrics is None:
        yield "Not measured: no labels."
    else:
        on = (
            "its own training rows, which it did not see the labels of"
            if metrics.get("on")
            else "labelled rows"
        )
        yield (
            f"On {on}: {metrics['dataset']} version {metrics['number']}, column {plain(metrics['label'])}, "
            f"{metrics['rows']:,} rows, {metrics['anomalies']:,} anomalies. Intervals: 95 %, bootstrap."
        )
        yield ""
        yield from (
            f"- {title}: {interval(metrics[name])}" for name, title in MEASURES.items() if name in metrics
        )
    yield ""
    yield "## Columns"
    yield ""
    yield from (f"- {plain(each['column'])}: {each['role']}, {each['reason']}" for each in version.decisions)


def plain(value: object) -> str:
    text = " ".join(str(value).split()).replace("`", "'")
    return f"`{text}`"
