"""Generated files are whole, the same for a seed, and never in the place of somebody's own."""

import json
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

from core.domain.errors import Conflict, Unwritable
from data_platform.application.generate_series import GenerateSeries
from data_platform.domain.synthetic.series import SeriesSpec
from data_platform.domain.synthetic.table import OutlierKind, TableSpec
from data_platform.infrastructure.sinks.open_sink import OutputExists
from data_platform.infrastructure.sinks.output_folder import FolderNotEmpty
from data_platform.local_wiring import build

SPEC = SeriesSpec(n_series=60, n_points=1_440, anomaly_ratio=0.3)
TABLE = TableSpec(n_rows=3_000, n_features=4, anomaly_ratio=0.1)
GENERATE = build()


def contents(folder: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in folder.iterdir()}


@pytest.mark.parametrize("form", ["parquet", "csv"])
def test_the_same_seed_gives_the_same_bytes_and_another_does_not(tmp_path: Path, form: str) -> None:
    for name, seed in (("a", 1), ("b", 1), ("c", 2)):
        spec = SeriesSpec(n_series=3, n_points=200, anomaly_ratio=0.5, seed=seed)
        GENERATE.generate_series(tmp_path / name, spec, form=form)
    assert set(contents(tmp_path / "a")) == {f"series.{form}", "manifest.json"}
    assert contents(tmp_path / "a") == contents(tmp_path / "b")
    assert contents(tmp_path / "a")[f"series.{form}"] != contents(tmp_path / "c")[f"series.{form}"]


def test_the_manifest_lists_every_labelled_point(tmp_path: Path) -> None:
    GENERATE.generate_series(tmp_path, SPEC)
    manifest = json.loads((tmp_path / "manifest.json").read_text())
    rows = pl.read_parquet(tmp_path / "series.parquet")
    assert rows.columns == ["timestamp", "series", "value", "is_anomaly", "kind"]
    assert len(rows) == 60 * 1_440
    assert (
        manifest["series_with_anomalies"] == rows.filter(pl.col("is_anomaly") == 1)["series"].n_unique() == 18
    )
    for entry in manifest["anomalies"]:
        times = pl.col("timestamp").is_between(
            pl.lit(entry["start"]).str.to_datetime(), pl.lit(entry["end"]).str.to_datetime()
        )
        inside = rows.filter((pl.col("series") == entry["series"]) & times)
        assert set(inside["kind"]) == {entry["kind"]}
    points = sum(entry["last_point"] - entry["first_point"] + 1 for entry in manifest["anomalies"])
    assert rows["is_anomaly"].sum() == points


def test_more_series_leave_the_first_ones_as_they_were(tmp_path: Path) -> None:
    for name, n_series in (("few", 2), ("many", 4)):
        GENERATE.generate_series(
            tmp_path / name, SeriesSpec(n_series=n_series, n_points=100, anomaly_ratio=1)
        )
    few, many = (pl.read_parquet(tmp_path / name / "series.parquet") for name in ("few", "many"))
    assert many.head(len(few)).equals(few)


def test_a_folder_with_files_is_left_alone_without_force(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    with pytest.raises(FolderNotEmpty, match="has files in it"):
        GENERATE.generate_series(tmp_path, SPEC)
    assert contents(tmp_path) == {"mine.txt": b"mine"}


def test_force_replaces_generated_files_and_keeps_others(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    (tmp_path / "manifest.json").write_text("old")
    GENERATE.generate_series(tmp_path, SPEC, force=True)
    assert set(contents(tmp_path)) == {"mine.txt", "manifest.json", "series.parquet"}
    assert (tmp_path / "manifest.json").read_text() != "old"


def test_an_interrupted_run_leaves_nothing_behind(tmp_path: Path) -> None:
    def interrupt(done: int) -> None:
        del done
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        GENERATE.generate_series(tmp_path / "new", SPEC, advance=interrupt)
    assert not (tmp_path / "new").exists()
    with pytest.raises(KeyboardInterrupt):
        GENERATE.generate_table(tmp_path / "t.csv", TABLE, advance=interrupt)
    assert list(tmp_path.iterdir()) == []


def test_a_file_in_the_place_of_the_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("")
    with pytest.raises(Unwritable, match="is a file"):
        GENERATE.generate_series(tmp_path / "taken", SPEC)


def test_a_table_has_its_outliers_labelled_by_kind(tmp_path: Path) -> None:
    outliers = GENERATE.generate_table(tmp_path / "t.parquet", TABLE)
    rows = pl.read_parquet(tmp_path / "t.parquet")
    assert rows.columns == ["x0", "x1", "x2", "x3", "label", "kind"]
    assert outliers == rows["label"].sum() == 300
    assert set(rows.filter(pl.col("label") == 1)["kind"]) == set(OutlierKind)
    assert set(rows.filter(pl.col("label") == 0)["kind"]) == {"normal"}


def test_a_table_is_the_same_for_a_seed_in_every_format(tmp_path: Path) -> None:
    for name in ("a.parquet", "b.parquet", "c.csv"):
        GENERATE.generate_table(tmp_path / name, TABLE)
    assert (tmp_path / "a.parquet").read_bytes() == (tmp_path / "b.parquet").read_bytes()
    assert (
        pl.read_csv(tmp_path / "c.csv")["x0"].to_list()
        == pl.read_parquet(tmp_path / "a.parquet")["x0"].to_list()
    )


def test_an_existing_table_is_left_alone_without_force(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text("mine")
    with pytest.raises(OutputExists):
        GENERATE.generate_table(path, TABLE)
    assert path.read_text() == "mine"


def test_a_folder_that_cannot_be_made_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    generate: Callable[..., object] = GENERATE.generate_series
    assert isinstance(generate, GenerateSeries)
    with pytest.raises((Unwritable, Conflict)):
        generate(tmp_path / "file" / "below", SPEC)
