"""``detect --server``: the table goes to a running service, which scores it."""

import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import polars as pl

from anomaly_detection.api import Counted, DetectorConfiguration, Report, Severity
from anomaly_detection.application.result_columns import USUAL
from anomaly_detection.application.scoring.limits import MOST_ROWS
from anomaly_detection.presentation import detection_view as view
from anomaly_detection.presentation.detect_command import InvalidChoice
from core.presentation.cli import Invocation
from core.presentation.output import OutputFormat
from core.presentation.server_api import ServerApi, server_at
from core.presentation.server_errors import TooMuch
from data_platform.api import ColumnChoices, DataPlatform, Table

ARROW = "application/vnd.apache.arrow.stream"
AT_ONCE_BYTES = 8_000_000  # half of what a server takes with POST /detect
PAGE = 500
RESULTS = ("score", "raw_score", "is_anomaly", "severity", "reason", "contributions")


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """``model`` is a reference to one of the server's; without it the configuration counts."""

    model: str | None
    configuration: DetectorConfiguration
    contamination: float | None
    report: Report

    @property
    def needs_a_run(self) -> bool:
        """What POST /detect cannot do for rows that come as Arrow."""
        wanted = self.configuration
        return bool(wanted.parameters) or wanted.columns != ColumnChoices() or self.report.output is not None

    @property
    def scorer(self) -> dict[str, Any]:
        """As the fields of a body."""
        if self.model is not None:
            given: dict[str, Any] = {"model": self.model, "contamination": self.contamination}
        else:
            wanted = self.configuration
            given = {
                "algorithm": wanted.algorithm,
                "seed": wanted.seed,
                "contamination": wanted.contamination,
            }
        return {name: value for name, value in given.items() if value is not None}


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerDetection(Counted):
    """``top`` are rows as ``detection_view.full_rows`` gives them, ``about`` what else the server says."""

    top: Sequence[Mapping[str, Any]]
    about: Mapping[str, Any]
    notes: Sequence[str] = ()


def refuse_max_alerts(max_alerts: int | None) -> None:
    """Raises InvalidChoice."""
    if max_alerts is not None:
        raise InvalidChoice(
            "--max-alerts does not go with --server.", fix="Give --contamination, the share to flag."
        )


def detect(run: Invocation, url: str, table: Table, platform: DataPlatform, asked: Asked) -> ServerDetection:
    """Raises what the server refuses."""
    report = asked.report
    if report.output is not None:
        platform.open_sink(report.output, force=report.force)
    with server_at(run, url) as api, platform.parquet_copy(table) as (file, rows):
        found = None if asked.needs_a_run or rows > MOST_ROWS else _at_once(api, file, asked)
        found = found or _by_run(run, api, api.stored(file, table.name), asked)
        if report.output is not None:
            result = file.with_name("result.parquet")
            _download(api, f"/runs/{found.about['run']}/result", result)
            with platform.open_sink(report.output, force=report.force) as sink:
                for frame in platform.open_table(str(result)).batches():
                    sink.write(frame)
    return found


def show(run: Invocation, table: Table, found: ServerDetection, asked: Asked) -> None:
    """As ``detect_command.show``."""
    for note in (*table.notes, *found.notes):
        run.console.note(note)
    if drifted := found.about.get("drifted"):
        run.console.warning(view.drift_words(drifted))
    run.console.note(view.summary(found))
    if asked.report.output is not None:
        run.console.note(f"Every row with its score is in {asked.report.output}.")
    if run.output.format is OutputFormat.TABLE:
        run.output.rows(map(_short, found.top), schema="anom.detection/1")
        return
    document = {
        "schema": "anom.detection/1",
        "input": table.name,
        "rows": found.rows,
        "anomalies": found.anomalies,
        "by_severity": {severity.value: n for severity, n in found.by_severity.items()},
        **found.about,
        "notes": [*table.notes, *found.notes],
        "results": found.top,
    }
    run.output.document(document, rows=found.top)


def _at_once(api: ServerApi, file: Path, asked: Asked) -> ServerDetection | None:
    """None where it is too much for that."""
    body = io.BytesIO()
    pl.read_parquet(file).write_ipc_stream(body, compat_level=pl.CompatLevel.oldest())
    if body.tell() > AT_ONCE_BYTES:
        return None
    headers = {"Content-Type": ARROW, "Accept": "application/json"}
    try:
        answer = api.post("/detect", params=asked.scorer, content=body.getvalue(), headers=headers)
    except TooMuch:
        return None
    results = answer["results"]
    severities = [row["severity"] for row in results]
    best = sorted(results, key=lambda row: (-row["score"], row["index"]))[: asked.report.top]
    return ServerDetection(
        rows=answer["count"],
        by_severity={severity: severities.count(severity.value) for severity in Severity},
        top=[{"row": row["index"]} | _result(row) for row in best],
        about={"model": {name: answer[name] for name in ("algorithm", "model", "threshold", "alert_rate")}},
    )


def _by_run(run: Invocation, api: ServerApi, dataset: str, asked: Asked) -> ServerDetection:
    started = api.post("/runs", json=asked.scorer | _fitting(asked) | {"dataset": dataset})
    run.console.note(f"On the server: dataset {dataset}, run {started['id']}.")
    ended = api.finished(f"/runs/{started['id']}", "Scoring")
    id_column = asked.configuration.columns.id
    rows = islice(_worst(api, started["id"], asked.report.top), asked.report.top)
    return ServerDetection(
        rows=ended["rows"],
        by_severity={severity: ended["by_severity"][severity.value] for severity in Severity},
        top=[{"row": row["row"], **_id(row, id_column)} | _result(row) for row in rows],
        about={
            "model": ended["fitted"] or {"algorithm": ended["algorithm"]},
            "drifted": ended["drift"] or {},
            "run": started["id"],
            "dataset": dataset,
        },
        notes=ended["notes"],
    )


def _fitting(asked: Asked) -> dict[str, Any]:
    """What a run takes besides, where it fits a detector."""
    if asked.model is not None:
        return {}
    wanted = asked.configuration
    found: dict[str, Any] = {"params": dict(wanted.parameters)} if wanted.parameters else {}
    return found | ({"columns": columns} if (columns := wanted.columns.given()) else {})


def _worst(api: ServerApi, run_id: str, top: int | None) -> Iterator[Mapping[str, Any]]:
    """The server keeps the highest-scoring rows with their reasons, at least 1,000."""
    cursor: dict[str, str] = {}
    limit = PAGE if top is None else max(1, min(PAGE, top))
    while True:
        page = api.get(f"/runs/{run_id}/anomalies", score_gte=0, sort="-score", limit=limit, **cursor)
        yield from page["items"]
        if not page["has_more"]:
            return
        cursor = {"cursor": page["next_cursor"]}


def _download(api: ServerApi, path: str, file: Path) -> None:
    with file.open("wb") as content:
        content.writelines(api.download(path, format="parquet"))


def _result(row: Mapping[str, Any]) -> dict[str, Any]:
    found = {name: row[name] for name in RESULTS}
    return found | {"reason": row["reason"] or USUAL, "contributions": row["contributions"] or {}}


def _id(row: Mapping[str, Any], column: str | None) -> dict[str, Any]:
    if column is not None:
        return {column: row["values"].get(column)}
    return {"row_id": row["row_id"]} if row["row_id"] else {}


def _short(row: Mapping[str, Any]) -> dict[str, Any]:
    kept = {name: value for name, value in row.items() if name not in RESULTS}
    return kept | {
        "score": round(row["score"], view.DIGITS),
        "severity": row["severity"],
        "reason": row["reason"],
    }
