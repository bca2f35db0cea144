"""The commands ``train``, ``evaluate`` and ``compare``."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from core.presentation import options
from core.presentation.cli import Invocation, invocation

if TYPE_CHECKING:
    from anomaly_detection.api import AnomalyDetection
    from data_platform.api import DataPlatform
    from machine_learning.api import MachineLearning

Learnings = Callable[[Invocation], "MachineLearning"]
Detections = Callable[[Invocation], "AnomalyDetection"]
Platforms = Callable[[Invocation], "DataPlatform"]

TRAIN = """Learn what is usual in a table and keep it as one file.

\b
  anomaly_detection train --data training.csv --algorithm isolation_forest --model pump.model
  anomaly_detection detect --input new.csv --model pump.model
  anomaly_detection train --data training.csv --server https://anom.example --model pumps
"""
EVALUATE = """Measure a model on labelled rows, with 95 % bootstrap intervals.

\b
  anomaly_detection evaluate --model pump.model --test test.csv --label y
"""
COMPARE = """Fit several algorithms on the same rows, without their labels, and measure each by the labels.

\b
  anomaly_detection compare --data d.csv --label y --algorithms auto,isolation_forest,ecod --plot curves.png
"""


def add_commands(
    app: typer.Typer, learnings: Learnings, detections: Detections, platforms: Platforms
) -> None:
    """Give ``app`` this context's commands."""
    add_train(app, learnings, platforms)
    add_evaluate(app, learnings, detections, platforms)
    add_compare(app, learnings, platforms)


def add_train(app: typer.Typer, learnings: Learnings, platforms: Platforms) -> None:
    @app.command(help=TRAIN)
    def train(
        ctx: typer.Context,
        source: Annotated[str, typer.Option("--data", metavar="TABLE", help=options.TABLE_HELP)],
        algorithm: options.Algorithm = None,
        model: Annotated[
            Path | None,
            typer.Option(
                metavar="FILE",
                help="Where to write; with --server, its name there. Default: <data>-<algorithm>.model here.",
            ),
        ] = None,
        server: options.Server = None,
        query: options.Query = None,
        param: options.Parameters = None,
        contamination: options.Contamination = None,
        seed: options.Seed = None,
        force: options.Force = False,
        features: options.Features = None,
        ignore: options.Ignore = None,
        id_column: options.Id = None,
        time: options.Time = None,
        label: options.Label = None,
        categorical: options.Categorical = None,
        missing: options.Missing = None,
    ) -> None:
        from data_platform.api import ColumnChoices, MissingPolicy
        from machine_learning.presentation import train_command as command

        run = invocation(ctx)
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
        path = model or command.default_path(source, configuration.algorithm)
        if server is not None:
            from machine_learning.presentation import train_by_server as remote

            name = str(model) if model else path.stem
            table = platforms(run).open_table(source, query=query)
            remote.train(run, server, table, platforms(run), configuration=configuration, name=name)
            return
        table = platforms(run).open_table(source, query=query)
        with run.console.progress("Training"):
            fitted = learnings(run).train(table, configuration, path=path, force=force)
        command.show(run, table, fitted, path)


def add_evaluate(
    app: typer.Typer, learnings: Learnings, detections: Detections, platforms: Platforms
) -> None:
    @app.command(help=EVALUATE)
    def evaluate(
        ctx: typer.Context,
        model: options.ModelFile,
        source: Annotated[str, typer.Option("--test", metavar="TABLE", help=options.TABLE_HELP)],
        label: options.Label = None,
        query: options.Query = None,
        seed: options.Seed = None,
    ) -> None:
        from machine_learning.presentation import evaluation_view as view

        run = invocation(ctx)
        fitted = detections(run).models.load(model)
        table = platforms(run).open_table(source, query=query)
        with run.console.progress("Scoring", total=table.row_count()):
            evaluation, column = learnings(run).evaluate(
                table, fitted, label=label, seed=run.setting("model.seed", seed)
            )
        run.console.note(view.label_note(column))
        run.output.document(view.document(evaluation, column), rows=view.rows(evaluation))


def add_compare(app: typer.Typer, learnings: Learnings, platforms: Platforms) -> None:
    @app.command(help=COMPARE)
    def compare(
        ctx: typer.Context,
        source: Annotated[str, typer.Option("--data", metavar="TABLE", help=options.TABLE_HELP)],
        algorithms: Annotated[
            str, typer.Option(metavar="NAME,...", help="See `algorithms list`.")
        ] = "auto,isolation_forest,subsampled_knn,ecod,hbos",
        label: options.Label = None,
        query: options.Query = None,
        contamination: options.Contamination = None,
        seed: options.Seed = None,
        plot: Annotated[
            Path | None, typer.Option(metavar="FILE", help="Draw precision over recall: .png, .svg or .pdf.")
        ] = None,
        force: options.Force = False,
    ) -> None:
        from data_platform.api import ColumnChoices
        from machine_learning.presentation import evaluation_view as view
        from machine_learning.presentation import train_command as command

        run = invocation(ctx)
        names = options.names([algorithms])
        if not names:
            raise typer.BadParameter("--algorithms names none; leave it out for the usual ones.")
        configuration = command.configuration(
            run, ColumnChoices(label=label), contamination=contamination, seed=seed
        )
        learning = learnings(run)
        if plot is not None:
            learning.plots.check(plot, force=force)
        table = platforms(run).open_table(source, query=query)
        with run.console.progress("Comparing"):
            compared, column = learning.compare(table, configuration, algorithms=names)
        run.console.note(view.label_note(column))
        if plot is not None:
            learning.plots.draw(compared, plot)
            run.console.note(f"The curves are in {plot}.")
        run.output.rows(view.comparison_rows(compared), schema="anom.comparison/1")
