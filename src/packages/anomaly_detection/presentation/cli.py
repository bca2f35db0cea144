"""The commands ``detect``, ``explain`` and ``algorithms``."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from core.presentation import options
from core.presentation.cli import FAIL_ON_MET, Invocation, invocation
from core.presentation.output import OutputFormat

if TYPE_CHECKING:
    from anomaly_detection.api import AnomalyDetection, Counted, DetectorConfiguration, FittedModel
    from data_platform.api import DataPlatform

Detections = Callable[[Invocation], "AnomalyDetection"]
Platforms = Callable[[Invocation], "DataPlatform"]

DETECT = """Find the anomalies of a table, with reasons.

\b
  anomaly_detection detect --input data.csv
  anomaly_detection detect --input 'parts/*.parquet' --output scored.parquet
  anomaly_detection detect --input new.csv --model pump.model --fail-on high
  psql ... | anomaly_detection detect --input - -o ndjson
  anomaly_detection detect --input new.csv --server https://anom.example --model pumps@champion

Nothing need be chosen: columns, algorithm and threshold are found, and every decision is reported on standard error.
The rows with the highest scores go to standard output; --output writes every row with its score and reason.
"""
EXPLAIN = """Say why one row scores as it does, column by column.

\b
  anomaly_detection explain --model pump.model --input new.csv --row 17
"""
LIST = """The algorithms that can be asked for; `pyod:ClassName` gives PyOD's others.

\b
  anomaly_detection algorithms list
  anomaly_detection algorithms show isolation_forest
"""


def add_commands(app: typer.Typer, detections: Detections, platforms: Platforms) -> None:
    """Give ``app`` this context's commands."""
    add_detect(app, detections, platforms)
    add_explain(app, detections, platforms)
    algorithms = typer.Typer(help="What each algorithm is, takes and can do.", no_args_is_help=True)
    add_algorithms(algorithms, detections)
    app.add_typer(algorithms, name="algorithms")


def add_detect(app: typer.Typer, detections: Detections, platforms: Platforms) -> None:
    @app.command(help=DETECT)
    def detect(
        ctx: typer.Context,
        source: Annotated[str, typer.Option("--input", metavar="TABLE", help=options.TABLE_HELP)],
        query: options.Query = None,
        algorithm: options.Algorithm = None,
        model: Annotated[
            Path | None,
            typer.Option(
                metavar="FILE",
                help="Score by a model that `train` wrote; with --server, by one of its models.",
            ),
        ] = None,
        server: options.Server = None,
        param: options.Parameters = None,
        contamination: options.Contamination = None,
        max_alerts: Annotated[
            int | None, typer.Option(metavar="N", help="Flag at most so many rows.")
        ] = None,
        top: Annotated[
            str | None,
            typer.Option(metavar="N|all", help="Rows to print. Default: the setting detect.top, 20."),
        ] = None,
        output: Annotated[
            Path | None,
            typer.Option(metavar="FILE", help="Write every row to .parquet, .csv, .ndjson, .arrow."),
        ] = None,
        force: options.Force = False,
        seed: options.Seed = None,
        fail_on: Annotated[
            str | None,
            typer.Option(metavar="SEVERITY", help="Exit with 10 if a row is low, medium, high or critical."),
        ] = None,
        features: options.Features = None,
        ignore: options.Ignore = None,
        id_column: options.Id = None,
        time: options.Time = None,
        label: options.Label = None,
        categorical: options.Categorical = None,
        missing: options.Missing = None,
    ) -> None:
        from anomaly_detection.presentation import detect_command as command
        from data_platform.api import ColumnChoices, MissingPolicy

        run = invocation(ctx)
        severity = command.severity(fail_on)
        command.refuse_same_file(source, output)
        report = command.report(run, top=top, max_alerts=max_alerts, output=output, force=force)
        command.refuse_two_thresholds(contamination, max_alerts)
        if model is not None:
            command.refuse_with_model(
                algorithm=algorithm, param=param, features=features, ignore=ignore,
                id=id_column, time=time, label=label, categorical=categorical, missing=missing, seed=seed,
            )  # fmt: skip
        columns = ColumnChoices(
            features=options.names(features),
            ignore=options.names(ignore) or (),
            id=id_column,
            time=time,
            label=label,
            categorical=options.names(categorical) or (),
            missing=MissingPolicy.named(missing),
        )
        configuration = command.configuration(
            run, columns, algorithm=algorithm, param=param, contamination=contamination, seed=seed
        )
        found: Counted
        if server is not None:
            from anomaly_detection.presentation import detect_by_server as remote

            remote.refuse_max_alerts(max_alerts)
            asked = remote.Asked(
                model=None if model is None else str(model),
                configuration=configuration,
                contamination=contamination,
                report=report,
            )
            table = platforms(run).open_table(source, query=query)
            found = remote.detect(run, server, table, platforms(run), asked)
            remote.show(run, table, found, asked)
        else:
            detector: DetectorConfiguration | FittedModel = configuration
            if model is not None:
                detector = command.with_contamination(detections(run).models.load(model), contamination)
            table = platforms(run).open_table(source, query=query)
            with run.console.progress("Scoring", total=table.row_count()) as advance:
                found = detections(run).detect(table, detector, report, advance=advance)
            command.show(run, table, found, report)
        if severity is not None and found.reaches(severity):
            raise typer.Exit(FAIL_ON_MET)


def add_explain(app: typer.Typer, detections: Detections, platforms: Platforms) -> None:
    @app.command(help=EXPLAIN)
    def explain(
        ctx: typer.Context,
        model: options.ModelFile,
        source: Annotated[str, typer.Option("--input", metavar="TABLE", help=options.TABLE_HELP)],
        row: Annotated[int, typer.Option(help="Number of the row, from 0.")],
        query: options.Query = None,
    ) -> None:
        from anomaly_detection.presentation import detect_command as command
        from anomaly_detection.presentation import detection_view as view

        run = invocation(ctx)
        fitted = detections(run).models.load(model)
        table = platforms(run).open_table(source, query=query)
        explanation = detections(run).explain(table, fitted, row=row, cut_offs=command.cut_offs(run))
        run.console.note(view.headline(explanation))
        run.output.document(view.explanation_document(explanation), rows=view.contribution_rows(explanation))


def add_algorithms(app: typer.Typer, detections: Detections) -> None:
    @app.command(name="list", help=LIST)
    def list_algorithms(ctx: typer.Context) -> None:
        from anomaly_detection.presentation import algorithm_view as view

        run = invocation(ctx)
        catalogue = detections(run).catalogue
        every = catalogue.algorithms()
        run.console.note(f"Further, by PyOD: {', '.join(catalogue.further_names())}")
        row = view.row if run.output.format is OutputFormat.TABLE else view.full_row
        run.output.rows([row(algorithm) for algorithm in every], schema="anom.algorithms/1")

    @app.command(name="show", help="One algorithm in full: what it does, its parameters, its paper.")
    def show_algorithm(
        ctx: typer.Context,
        name: Annotated[str, typer.Argument(help="A name of the list, or pyod:ClassName.")],
    ) -> None:
        from anomaly_detection.presentation import algorithm_view as view

        run = invocation(ctx)
        algorithm = detections(run).catalogue.algorithm(name)
        if run.output.format is OutputFormat.TABLE:
            run.output.text(view.text(algorithm))
        else:
            run.output.document({"schema": "anom.algorithm/1"} | view.full_row(algorithm))
