"""Explanations of a run's rows, on real results."""

from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest

from anomaly_detection.application.explain_rows import NoSuchRow
from anomaly_detection.application.explanations.explain_run_row import RowExplanation
from anomaly_detection.application.explanations.row_facets import NoSuchColumn
from anomaly_detection.application.runs.reading import FinishedRun, ResultLost
from anomaly_detection.domain.explanations.counterfactual import Bound, Counterfactual
from anomaly_detection.domain.ids import RunId
from anomaly_detection.domain.runs.run import RunNotFound
from core.domain.ids import new_id
from tests.support.explaining import ODD, ODD_PAIR, TENANT, at_rate, explanations_of, finished_run, orders

# Every named algorithm that gives each row a score of its own; the others are slower and work alike.
ALGORITHMS = (
    "isolation_forest",
    "auto",
    "ecod",
    "copod",
    "hbos",
    "knn",
    "lof",
    "pca",
    "mcd",
    "z_score",
    "iqr",
    "loda",
    "one_class_svm",
    "kde",
    "cblof",
    "inne",
)


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> FinishedRun:
    return finished_run(orders(), tmp_path_factory.mktemp("runs"))


def explained(run: FinishedRun, row: int) -> RowExplanation:
    return explanations_of(run).explain(TENANT, run.id, row)


def score_alone(run: FinishedRun, row: int) -> float:
    """Without having been among the rows that were learned from: some algorithms then see the row beside itself."""
    return float(run.model.scores(orders()[row : row + 1])[0])


def score_after(run: FinishedRun, row: int, found: Counterfactual) -> float:
    """What the model gives the row with the changes."""
    one = orders()[row : row + 1]
    changed = one.with_columns(
        pl.Series(change.column, [change.after], dtype=one.schema[change.column]) for change in found.changes
    )
    return float(run.model.scores(changed)[0])


def test_a_flagged_row_is_explained_by_the_column_that_is_odd(run: FinishedRun) -> None:
    found = explained(run, ODD)
    assert found.explanation.is_anomaly
    assert found.explanation.contributions[0].column == "amount"
    assert found.cells["amount"] == 9_820
    assert found.cells["id"] == f"o-{ODD}"
    assert "score_1" not in found.cells
    assert 0.98 < found.percentile < 1


def test_the_nearest_normal_rows_are_not_flagged_and_ordered_by_distance(run: FinishedRun) -> None:
    near = explained(run, ODD).nearest_normal
    assert len(near) == 5
    assert all(row.score < 0.8 for row in near)
    assert [row.distance for row in near] == sorted(row.distance for row in near)
    assert all(row.differs[0] == "amount" for row in near)
    stored = orders()
    assert [row.cells["amount"] for row in near] == [stored["amount"][row.row] for row in near]


def test_a_usual_row_has_neighbours_other_than_itself_and_nothing_to_change(run: FinishedRun) -> None:
    found = explained(run, 20)
    assert not found.explanation.is_anomaly
    assert found.counterfactual is None
    assert 20 not in [row.row for row in found.nearest_normal]


def test_the_smallest_change_of_one_column_is_found_and_said(run: FinishedRun) -> None:
    changed = explained(run, ODD).counterfactual
    assert changed is not None
    [change] = changed.changes
    assert (change.column, change.before, change.bound) == ("amount", 9_820.0, Bound.AT_MOST)
    assert changed.words == f"would score below 0.8 if amount <= {change.after:,g}"
    assert score_after(run, ODD, changed) == pytest.approx(changed.score)
    assert changed.score < 0.8


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_what_is_said_of_a_row_holds_whatever_the_algorithm(algorithm: str, tmp_path: Path) -> None:
    run = finished_run(orders(), tmp_path, algorithm=algorithm)
    raw = pl.read_parquet(run.result)["raw_score"]
    explanations = {row: explained(run, row) for row in raw.arg_sort(descending=True).head(3)}
    flagged = [row for row, found in explanations.items() if found.explanation.is_anomaly]
    changed = {row: explanations[row].counterfactual for row in flagged}
    assert flagged
    assert all(len(found.nearest_normal) == 5 for found in explanations.values())
    assert [row for row, found in changed.items() if found is None and score_alone(run, row) >= 0.8] == []
    assert [row for row, found in changed.items() if found and score_after(run, row, found) >= 0.8] == []


def test_several_columns_are_changed_where_one_does_not_help(tmp_path: Path) -> None:
    run = finished_run(orders(), tmp_path, algorithm="z_score", contamination=0.004)
    changed = explained(run, ODD_PAIR).counterfactual
    assert changed is not None
    assert {change.column for change in changed.changes} == {"amount", "items"}
    assert all(change.bound is Bound.EXACTLY for change in changed.changes)
    assert score_after(run, ODD_PAIR, changed) < 0.8


def test_the_threshold_in_force_decides(run: FinishedRun) -> None:
    odd = explained(run, ODD).explanation
    moved = at_rate(run, 1e-9)
    found = explained(moved, ODD)
    assert odd.is_anomaly
    assert not found.explanation.is_anomaly
    assert found.counterfactual is None
    assert found.explanation.raw_score == odd.raw_score


def test_rows_that_are_not_there_have_no_explanation(run: FinishedRun) -> None:
    with pytest.raises(NoSuchRow):
        explained(run, 600)
    with pytest.raises(RunNotFound):
        explanations_of(run).explain(TENANT, RunId(new_id()), 0)


def test_a_result_that_is_gone_or_cut_is_said_to_be(run: FinishedRun, tmp_path: Path) -> None:
    with pytest.raises(ResultLost):
        explained(replace(run, result=tmp_path / "gone.parquet"), ODD)
    cut = tmp_path / "cut.parquet"
    cut.write_bytes(run.result.read_bytes()[:-100])
    with pytest.raises(ResultLost):
        explained(replace(run, result=cut), ODD)


def test_facets_name_the_columns_in_which_flagged_rows_differ(tmp_path: Path) -> None:
    frame = orders().with_columns(
        pl.when(pl.int_range(pl.len()) % 60 == 0)
        .then(pl.lit("KP"))
        .otherwise(pl.col("country"))
        .alias("country")
    )
    odd = pl.col("country").eq_missing(pl.lit("KP"))
    frame = frame.with_columns(
        pl.when(odd).then(pl.col("amount").fill_null(0) + 2_000).otherwise("amount").alias("amount")
    )
    run = finished_run(frame, tmp_path, algorithm="hbos")
    found = explanations_of(run).facets(TENANT, run.id, column=None)
    assert found.rows == 600
    assert {"country", "amount"} <= {each.column for each in found.columns[:3]}
    assert len(found.columns) <= 5
    country = next(each for each in found.columns if each.column == "country").facets[0]
    assert (country.value, country.rows) == ("KP", 10)
    assert country.lift == pytest.approx((country.flagged / found.flagged) / (10 / 600))
    amounts = next(each for each in found.columns if each.column == "amount").facets
    top = next(facet for facet in amounts if facet.high == frame["amount"].max())
    assert top.rows == pytest.approx(0.2 * 600, rel=0.15)
    assert top.lift > 1


@pytest.mark.parametrize("column", ["id", "amount", "items", "country", "paid.at", "express", "score"])
def test_facets_of_one_column_add_up_to_the_flagged_rows(run: FinishedRun, column: str) -> None:
    found = explanations_of(run).facets(TENANT, run.id, column=column)
    [only] = found.columns
    assert sum(facet.flagged for facet in only.facets) == found.flagged
    assert sum(facet.share for facet in only.facets) == pytest.approx(1)


def test_facets_of_a_column_that_is_not_there_are_refused(run: FinishedRun) -> None:
    with pytest.raises(NoSuchColumn):
        explanations_of(run).facets(TENANT, run.id, column="raw_score")


def test_without_a_flagged_row_there_are_no_facets(run: FinishedRun) -> None:
    moved = at_rate(run, 1e-12)
    found = explanations_of(moved).facets(TENANT, run.id, column=None)
    assert (found.flagged, found.columns) == (0, ())
    assert explanations_of(moved).facets(TENANT, run.id, column="amount").columns[0].facets == ()
