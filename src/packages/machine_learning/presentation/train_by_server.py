"""``train --server``: a running service learns from the table and keeps the model."""

from typing import Any

from anomaly_detection.api import DetectorConfiguration
from core.presentation.cli import Invocation
from core.presentation.server_api import server_at
from data_platform.api import DataPlatform, Table


def train(
    run: Invocation,
    url: str,
    table: Table,
    platform: DataPlatform,
    *,
    configuration: DetectorConfiguration,
    name: str,
) -> None:
    """As ``train_command.show``. ``name``: of the model; one that is there gets a further version."""
    with platform.parquet_copy(table) as (file, _), server_at(run, url) as api:
        dataset = api.stored(file, table.name)
        started = api.post("/train", json=_body(configuration) | {"dataset": dataset, "name": name})
        run.console.note(f"On the server: dataset {dataset}, training run {started['id']}.")
        ended = api.finished(f"/training-runs/{started['id']}", "Training")
        made = api.get(f"/models/{ended['model']}/versions/{ended['version']}")
    for note in table.notes:
        run.console.note(note)
    reference = made["reference"]
    run.console.note(
        f"Score with it: anomaly_detection detect --input TABLE --server {url} --model {reference}"
    )
    about = {"server": url, "model": ended["model"], "version": ended["version"], "reference": reference}
    run.output.document({"schema": "anom.model/1"} | about | made["summary"])


def _body(wanted: DetectorConfiguration) -> dict[str, Any]:
    found = {
        "algorithm": wanted.algorithm,
        "params": dict(wanted.parameters),
        "contamination": wanted.contamination,
        "seed": wanted.seed,
        "columns": wanted.columns.given(),
    }
    return {field: value for field, value in found.items() if value is not None}
