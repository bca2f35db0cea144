"""What the command ``detect`` makes of its options, and what it prints."""

from collections.abc import Iterable
from pathlib import Path

from anomaly_detection.api import (
    Detection,
    DetectorConfiguration,
    FittedModel,
    Report,
    Severity,
    SeverityCutOffs,
    ThresholdChoice,
    checked_contamination,
    model_notes,
    parameters,
)
from anomaly_detection.presentation import detection_view as view
from core.domain.errors import InvalidOption
from core.domain.suggestion import did_you_mean
from core.infrastructure.logging import log_info
from core.presentation.cli import Invocation
from core.presentation.output import OutputFormat
from data_platform.api import ColumnChoices, Table


class InvalidChoice(InvalidOption):
    title = "The option does not take that value"


class OptionOfTraining(InvalidOption):
    title = "The model has already decided that"


def configuration(
    run: Invocation,
    chosen: ColumnChoices,
    *,
    algorithm: str | None,
    param: Iterable[str] | None,
    contamination: float | None,
    seed: int | None,
) -> DetectorConfiguration:
    """Options over settings. Raises InvalidParameter for a ``--param`` that is no NAME=VALUE."""
    return DetectorConfiguration(
        algorithm=run.setting("model.algorithm", algorithm),
        parameters=parameters(param or ()),
        contamination=run.setting("model.contamination", contamination),
        seed=run.setting("model.seed", seed),
        columns=chosen,
    )


def refuse_with_model(**given: object) -> None:
    """Raises OptionOfTraining for options that only training can follow."""
    for name, value in given.items():
        if value is not None:
            raise OptionOfTraining(
                f"--{name.replace('_', '-')} does not go with --model: the model decided that when it was trained.",
                fix="Leave one of them out.",
            )


def with_contamination(model: FittedModel, contamination: float | None) -> FittedModel:
    """The model with the threshold moved to that share of its training rows. Raises InvalidContamination."""
    share = checked_contamination(contamination)
    return model if share is None else model.with_alert_rate(share, ThresholdChoice.CONTAMINATION)


def refuse_same_file(source: str, output: Path | None) -> None:
    """Raises InvalidChoice where the output would replace the input."""
    if output is not None and output.exists() and Path(source).exists() and output.samefile(source):
        raise InvalidChoice(f"--output {output} is the input itself.", fix="Name another file.")


def refuse_two_thresholds(contamination: float | None, max_alerts: int | None) -> None:
    """Raises InvalidChoice."""
    if contamination is not None and max_alerts is not None:
        raise InvalidChoice(
            "--contamination and --max-alerts both set the threshold.", fix="Give one of them."
        )


def report(
    run: Invocation, *, top: str | None, max_alerts: int | None, output: Path | None, force: bool
) -> Report:
    """Raises InvalidChoice for a ``--top`` that is neither a number nor all."""
    wanted = str(run.setting("detect.top", top))
    if wanted != "all" and not wanted.isdecimal():
        raise InvalidChoice(f"--top is {wanted!r}.", fix="Give a number of rows, 0 or more, or all.")
    return Report(
        top=None if wanted == "all" else int(wanted),
        max_alerts=max_alerts,
        output=output,
        force=force,
        cut_offs=cut_offs(run),
    )


def cut_offs(run: Invocation) -> SeverityCutOffs:
    """The settings' own. Raises CutOffsOutOfOrder."""
    return SeverityCutOffs(*(run.setting(f"severity.{name}") for name in ("low", "high", "critical")))


def severity(name: str | None) -> Severity | None:
    """Raises InvalidChoice."""
    known = [level.value for level in Severity if level is not Severity.NONE]
    if name is not None and name not in known:
        raise InvalidChoice(f"--fail-on is {name!r}.", fix=did_you_mean(name, known))
    return Severity(name) if name else None


def show(run: Invocation, table: Table, detection: Detection, asked: Report) -> None:
    """Decisions and the answer on standard error, the explained rows on standard output."""
    for note in (*table.notes, *model_notes(detection.model)):
        run.console.note(note)
    for name, used in detection.renamed.items():
        run.console.note(f"The table has a column {name!r}: in the output file the result is {used!r}.")
    if detection.drifted:
        run.console.warning(view.drift_words(detection.drifted))
    run.console.note(view.summary(detection))
    log_info(
        __name__,
        "table_scored",
        table=table.name,
        rows=detection.rows,
        anomalies=detection.anomalies,
        algorithm=detection.model.algorithm.name,
    )
    if asked.output is not None:
        run.console.note(f"Every row with its score is in {asked.output}.")
    if run.output.format is OutputFormat.TABLE:
        run.output.rows(view.rows(detection), schema="anom.detection/1")
    else:
        document = view.document(detection, table.name, table.notes)
        run.output.document(document, rows=view.full_rows(detection))
