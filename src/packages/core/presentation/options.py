"""Options that several commands take, declared once so that they read the same everywhere."""

from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

import typer

TABLE_HELP = "CSV, TSV, JSON, NDJSON, Parquet or Arrow file (.gz, .zst too), folder or pattern of Parquet files, - for standard input, or a database URL."

Query = Annotated[
    str | None, typer.Option(metavar="SQL", help="What to read, when the input is a database URL.")
]
Algorithm = Annotated[
    str | None,
    typer.Option(metavar="NAME", help="See `algorithms list`. Default: the setting model.algorithm, auto."),
]
Parameters = Annotated[
    list[str] | None,
    typer.Option("--param", metavar="NAME=VALUE", help="A parameter of the algorithm; repeatable."),
]
Contamination = Annotated[
    float | None,
    typer.Option(
        metavar="SHARE", help="Expected share of anomalies, (0, 0.5]. Default: found from the scores."
    ),
]
Seed = Annotated[
    int | None,
    typer.Option(
        min=0, max=2**32 - 1, help="Same seed, same rows: same scores. Default: the setting model.seed, 0."
    ),
]
ModelFile = Annotated[Path, typer.Option(metavar="FILE", help="A model that `train` wrote.")]
Server = Annotated[
    str | None,
    typer.Option(
        metavar="URL",
        help="Let the service there do it, with the token of ANOMALY_DETECTION_TOKEN or ..._TOKEN_FILE.",
    ),
]
Force = Annotated[bool, typer.Option("--force", help="Replace a file that exists.")]

Features = Annotated[list[str] | None, typer.Option(metavar="COLUMN,...", help="Use only these columns.")]
Ignore = Annotated[list[str] | None, typer.Option(metavar="COLUMN,...", help="Do not use these columns.")]
Id = Annotated[str | None, typer.Option("--id", metavar="COLUMN", help="Names the rows; no feature.")]
Time = Annotated[str | None, typer.Option(metavar="COLUMN", help="When the rows happened.")]
Label = Annotated[
    str | None, typer.Option(metavar="COLUMN", help="Says which rows are anomalies; no feature.")
]
Categorical = Annotated[
    list[str] | None, typer.Option(metavar="COLUMN,...", help="Numbers that are names, such as codes.")
]
Missing = Annotated[
    str | None,
    typer.Option(
        metavar="POLICY",
        help="For missing values: indicator (default: the median, and a column that says where), median, zero, refuse.",
    ),
]


def names(given: Iterable[str] | None) -> tuple[str, ...] | None:
    """``a,b`` and ``a`` ``b`` alike; None where the option was not given."""
    if given is None:
        return None
    return tuple(name.strip() for part in given for name in part.split(",") if name.strip())
