"""The commands ``dataset`` and ``generate``."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from core.presentation import options
from core.presentation.cli import Invocation, invocation
from core.presentation.output import OutputFormat

if TYPE_CHECKING:
    from data_platform.api import DataPlatform

Platforms = Callable[[Invocation], "DataPlatform"]

PROFILE = """What is in a table: types, roles, gaps, distinct values, quantiles, histograms, and what is odd about it.

\b
  anomaly_detection dataset profile data.csv
  anomaly_detection dataset profile 'parts/*.parquet' -o json
  anomaly_detection dataset profile postgresql://host/shop --query "select * from orders"

Roles are those that `detect` would give the columns; nothing is changed.
"""
SERIES = """Time series with known anomalies: spikes, dips, level shifts, drifts, changes of variance, gaps.

\b
  anomaly_detection generate series --n-series 1000 --n-points 1440 --anomaly-ratio 0.3 --output-dir data
  anomaly_detection generate series --n-series 20 --n-points 10080 --step 5m --output-dir data --file-format csv

The folder gets series.parquet (timestamp, series, value, is_anomaly, kind) and manifest.json, which lists every
anomaly. The same seed gives the same bytes.
"""
TABLE = """A table with known outliers among correlated clusters (after ADBench, Han et al. 2022).

\b
  anomaly_detection generate table --n-rows 10000 --n-features 8 --anomaly-ratio 0.05 --output table.parquet
  anomaly_detection generate table --n-rows 500 --n-features 4 --kinds local,dependency --output table.csv

Columns: x0, x1, ..., label (1 for outliers) and kind. The same seed gives the same rows.
"""

AnomalyRatio = Annotated[
    float, typer.Option(metavar="SHARE", help="Share of series, or of rows, with anomalies.")
]


def add_commands(app: typer.Typer, platforms: Platforms) -> None:
    """Give ``app`` this context's commands."""
    dataset = typer.Typer(help="What a table holds.", no_args_is_help=True)
    add_profile(dataset, platforms)
    app.add_typer(dataset, name="dataset")
    generate = typer.Typer(help="Made-up data with known anomalies.", no_args_is_help=True)
    add_series(generate, platforms)
    add_table(generate, platforms)
    app.add_typer(generate, name="generate")


def add_profile(app: typer.Typer, platforms: Platforms) -> None:
    @app.command(help=PROFILE)
    def profile(
        ctx: typer.Context,
        table: Annotated[str, typer.Argument(help=options.TABLE_HELP)],
        query: options.Query = None,
        features: options.Features = None,
        ignore: options.Ignore = None,
        id_column: options.Id = None,
        time: options.Time = None,
        label: options.Label = None,
        categorical: options.Categorical = None,
        seed: options.Seed = None,
    ) -> None:
        from data_platform.api import ColumnChoices
        from data_platform.presentation import profile_view as view

        run = invocation(ctx)
        choices = ColumnChoices(
            features=options.names(features),
            ignore=options.names(ignore) or (),
            id=id_column,
            time=time,
            label=label,
            categorical=options.names(categorical) or (),
        )
        opened = platforms(run).open_table(table, query=query)
        with run.console.progress("Reading", total=opened.row_count()) as advance:
            found = platforms(run).profile(
                opened, choices, seed=run.setting("model.seed", seed), advance=advance
            )
        for sentence in view.sentences(found):
            run.console.note(sentence)
        if run.output.format is OutputFormat.TABLE:
            run.output.rows(view.rows(found), schema="anom.dataset_profile/1")
        else:
            run.output.document(view.document(found), rows=view.full_rows(found))
        for sentence in view.warnings(found):
            run.console.warning(sentence)


def add_series(app: typer.Typer, platforms: Platforms) -> None:
    @app.command(help=SERIES)
    def series(
        ctx: typer.Context,
        output_dir: Annotated[
            Path, typer.Option(metavar="FOLDER", help="Where the files go; made if need be.")
        ],
        n_series: Annotated[int, typer.Option(metavar="N", help="How many series.")] = 100,
        n_points: Annotated[int, typer.Option(metavar="N", help="How many points each has.")] = 1_440,
        anomaly_ratio: AnomalyRatio = 0.3,
        step: Annotated[str, typer.Option(metavar="TIME", help="Between points: 30s, 1m, 1h, 1d.")] = "1m",
        file_format: Annotated[str, typer.Option(metavar="parquet|csv", help="Of the table.")] = "parquet",
        seed: options.Seed = None,
        force: Annotated[bool, typer.Option("--force", help="Replace files in the folder.")] = False,
    ) -> None:
        from data_platform.api import SeriesSpec
        from data_platform.presentation import generation

        run = invocation(ctx)
        spec = SeriesSpec(
            n_series=n_series, n_points=n_points, anomaly_ratio=anomaly_ratio,
            step=generation.duration(step), seed=run.setting("model.seed", seed),
        )  # fmt: skip
        form = generation.file_format(file_format)
        with run.console.progress("Generating", total=n_series, unit="series") as advance:
            manifest = platforms(run).generate_series(
                output_dir, spec, form=form, force=force, advance=advance
            )
        run.output.document(generation.series_document(manifest, output_dir))


def add_table(app: typer.Typer, platforms: Platforms) -> None:
    @app.command(help=TABLE)
    def table(
        ctx: typer.Context,
        output: Annotated[Path, typer.Option(metavar="FILE", help=".parquet, .csv, .ndjson or .arrow.")],
        n_rows: Annotated[int, typer.Option(metavar="N", help="How many rows.")] = 10_000,
        n_features: Annotated[int, typer.Option(metavar="N", help="How many columns of numbers.")] = 10,
        anomaly_ratio: AnomalyRatio = 0.05,
        kinds: Annotated[
            list[str] | None,
            typer.Option(metavar="KIND,...", help="Of global, local, dependency, clustered. Default: all."),
        ] = None,
        seed: options.Seed = None,
        force: options.Force = False,
    ) -> None:
        from data_platform.api import TableSpec
        from data_platform.presentation import generation

        run = invocation(ctx)
        spec = TableSpec(
            n_rows=n_rows, n_features=n_features, anomaly_ratio=anomaly_ratio,
            kinds=generation.outlier_kinds(kinds, n_features=n_features), seed=run.setting("model.seed", seed),
        )  # fmt: skip
        with run.console.progress("Generating", total=n_rows) as advance:
            outliers = platforms(run).generate_table(output, spec, force=force, advance=advance)
        run.output.document(generation.table_document(spec, output, outliers))
