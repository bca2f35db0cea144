"""What the commands make of their options, and what ``train`` prints."""

import re
from collections.abc import Iterable
from pathlib import Path

from anomaly_detection.api import DetectorConfiguration, FittedModel, model_notes, model_summary, parameters
from core.infrastructure.logging import log_info
from core.presentation.cli import Invocation
from data_platform.api import ColumnChoices, Table


def configuration(
    run: Invocation,
    columns: ColumnChoices,
    *,
    algorithm: str | None = None,
    param: Iterable[str] | None = None,
    contamination: float | None = None,
    seed: int | None = None,
) -> DetectorConfiguration:
    """Options over settings. Raises InvalidParameter for a ``--param`` that is no NAME=VALUE."""
    return DetectorConfiguration(
        algorithm=run.setting("model.algorithm", algorithm),
        parameters=parameters(param or ()),
        contamination=run.setting("model.contamination", contamination),
        seed=run.setting("model.seed", seed),
        columns=columns,
    )


def default_path(source: str, algorithm: str) -> Path:
    """``training-isolation_forest.model`` in this folder."""
    name = "stdin" if source == "-" else Path(source.partition("://")[0] if "://" in source else source).name
    stem = re.sub(r"[^\w.-]+", "_", name.partition(".")[0]) or "data"
    return Path(f"{stem}-{algorithm.replace(':', '_')}.model")


def show(run: Invocation, table: Table, model: FittedModel, path: Path) -> None:
    """Decisions on standard error, what was trained on standard output."""
    for note in (*table.notes, *model_notes(model)):
        run.console.note(note)
    log_info(__name__, "model_trained", table=table.name, algorithm=model.algorithm.name, file=str(path))
    run.console.note(f"Score with it: anomaly_detection detect --input TABLE --model {path}")
    run.output.document({"schema": "anom.model/1", "file": str(path)} | model_summary(model))
