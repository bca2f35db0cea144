"""Rows of every kind that Python has, given to the detector object, and rows explained."""

from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from anomaly_detection import AnomalyDetector, Severity
from anomaly_detection.domain.detector import TooFewRows
from anomaly_detection.infrastructure.estimator import UnexplainableRow
from data_platform.api import SchemaMismatch

RNG = np.random.default_rng(0)
VALUES = RNG.normal([50, 3, 0.1], [5, 0.5, 0.02], (200, 3))
VALUES[17, 1] = 30.0
NAMES = ["temperature", "flow", "vibration"]
FRAME = pl.DataFrame(VALUES, schema=NAMES)

frames = pytest.mark.parametrize(
    "frame",
    [
        pytest.param(FRAME, id="Polars"),
        pytest.param(FRAME.lazy(), id="Polars, lazy"),
        pytest.param(pd.DataFrame(VALUES, columns=NAMES), id="pandas"),
        pytest.param(pd.DataFrame(VALUES, columns=NAMES, index=range(7, 207)), id="pandas with an index"),
        pytest.param(pd.DataFrame(VALUES, columns=NAMES).convert_dtypes(), id="pandas, nullable types"),
        pytest.param(FRAME.to_arrow(), id="pyarrow"),
        pytest.param({name: VALUES[:, i] for i, name in enumerate(NAMES)}, id="columns by name"),
        pytest.param(FRAME.to_dicts(), id="rows as mappings"),
    ],
)
arrays = pytest.mark.parametrize(
    "array",
    [
        pytest.param(VALUES, id="array"),
        pytest.param(np.asfortranarray(VALUES), id="columns first"),
        pytest.param(VALUES.tolist(), id="list of lists"),
        pytest.param([tuple(row) for row in VALUES.tolist()], id="list of tuples"),
        pytest.param(VALUES.astype(object), id="array of objects"),
    ],
)


@pytest.fixture(scope="module")
def detector() -> AnomalyDetector:
    return AnomalyDetector().fit(FRAME)


@frames
def test_every_kind_of_frame_gives_the_same_scores(frame: Any, detector: AnomalyDetector) -> None:
    np.testing.assert_array_equal(detector.score(frame), detector.score(FRAME))
    fitted = AnomalyDetector().fit(frame)
    np.testing.assert_array_equal(fitted.decision_scores_, detector.decision_scores_)
    assert fitted.feature_names_in_.tolist() == NAMES
    assert fitted.n_features_in_ == 3
    assert fitted.explain(17, X=frame).contributions[0].column == "flow"


@arrays
def test_every_kind_of_array_gives_the_same_scores(array: Any, detector: AnomalyDetector) -> None:
    fitted = AnomalyDetector().fit(array)
    np.testing.assert_array_equal(fitted.decision_scores_, detector.decision_scores_)
    assert not hasattr(fitted, "feature_names_in_")
    assert fitted.n_features_in_ == 3
    assert fitted.explain(17, X=array).contributions[0].column == "x1"


@arrays
def test_a_detector_of_named_columns_takes_arrays_in_training_order(
    array: Any, detector: AnomalyDetector
) -> None:
    np.testing.assert_array_equal(detector.score(array), detector.score(FRAME))
    assert detector.explain(17, X=array).contributions[0].column == "flow"


def test_an_array_with_missing_values_is_read_in_training_order_too(detector: AnomalyDetector) -> None:
    missing = VALUES.copy()
    missing[3, 0] = np.nan
    expected = detector.score(FRAME)
    expected[3] = detector.score(FRAME[3:4].with_columns(temperature=pl.lit(None, pl.Float64)))[0]
    np.testing.assert_array_equal(detector.score(missing), expected)


def test_columns_are_found_by_name_whatever_their_order(detector: AnomalyDetector) -> None:
    shuffled = FRAME.select("vibration", "temperature", "flow").with_columns(note=pl.lit("?"))
    np.testing.assert_array_equal(detector.score(shuffled), detector.score(FRAME))


def test_missing_values_are_learned_and_scored() -> None:
    missing = VALUES.copy()
    missing[::10, 2] = np.nan
    fitted = AnomalyDetector().fit(missing)
    assert np.isfinite(fitted.decision_scores_).all()
    np.testing.assert_array_equal(fitted.decision_function(missing).argmax(), 17)
    assert fitted.explain(missing[0]).row == 0


def test_text_and_times_are_learned_from_frames() -> None:
    frame = FRAME.with_columns(
        country=pl.Series(["NL", "BE"] * 100).scatter(5, "KP"),
        at=pl.datetime_range(pl.datetime(2026, 1, 1), pl.datetime(2026, 1, 9, 7), "1h", eager=True),
    )
    fitted = AnomalyDetector().fit(frame)
    assert {d.column: d.role.value for d in fitted.preparation_}["country"] == "feature"
    assert fitted.explain(5, X=frame).contributions[0].column == "country"
    assert fitted.description_.startswith("auto scored each row")


def test_an_array_of_one_constant_column_has_nothing_to_learn_from() -> None:
    with pytest.raises(ValueError, match="No column can be used"):
        AnomalyDetector().fit(np.ones((20, 1)))


@pytest.mark.parametrize(
    "row",
    [
        pytest.param(VALUES[17], id="1-D array"),
        pytest.param(VALUES[17].tolist(), id="list"),
        pytest.param(tuple(VALUES[17]), id="tuple"),
        pytest.param(VALUES[17:18], id="2-D array"),
        pytest.param(FRAME[17], id="Polars frame"),
        pytest.param(FRAME.to_arrow().slice(17, 1), id="pyarrow table"),
        pytest.param(pd.DataFrame(VALUES, columns=NAMES)[17:18], id="pandas frame"),
        pytest.param(pd.DataFrame(VALUES, columns=NAMES).iloc[17], id="pandas row"),
        pytest.param(FRAME.row(17), id="Polars row"),
        pytest.param(FRAME.row(17, named=True), id="mapping"),
        pytest.param(dict(reversed(FRAME.row(17, named=True).items())), id="mapping in another order"),
    ],
)
def test_a_row_is_explained_in_whatever_form_it_comes(row: Any, detector: AnomalyDetector) -> None:
    found, expected = detector.explain(row), detector.explain(17, X=FRAME)
    assert found.contributions == expected.contributions
    assert found.score == expected.score == detector.score(FRAME)[17]
    assert (found.row, expected.row) == (0, 17)
    assert expected.is_anomaly
    assert expected.severity is Severity.HIGH
    assert expected.sentence.startswith("flow 30 is far above its usual 2.")


def test_rows_are_counted_from_the_end_as_in_python(detector: AnomalyDetector) -> None:
    assert detector.explain(-1, X=FRAME) == detector.explain(199, X=FRAME)


def test_a_value_that_is_missing_is_named(detector: AnomalyDetector) -> None:
    row = {"temperature": 50, "flow": pd.NA, "vibration": np.float32(0.1)}
    [flow] = [c for c in detector.explain(row).contributions if c.column == "flow"]
    assert flow.value is None
    assert flow.words.startswith("flow is missing")


@pytest.mark.parametrize(
    ("row", "x"),
    [
        (200, FRAME),
        (-201, FRAME),
        ("17", FRAME),
        (True, FRAME),
        (1.0, FRAME),
        (17, None),
        (None, None),
        ("flow", None),
        ((1.0, 2.0), None),
        (FRAME, None),
        (FRAME[:0], None),
        (VALUES, None),
    ],
)
def test_what_is_not_one_row_is_refused(row: Any, x: Any, detector: AnomalyDetector) -> None:
    with pytest.raises((UnexplainableRow, TooFewRows)) as refusal:
        detector.explain(row, X=x)
    assert refusal.value.fix


def test_a_row_that_lacks_a_column_is_refused(detector: AnomalyDetector) -> None:
    with pytest.raises(SchemaMismatch, match="'vibration'"):
        detector.explain({"temperature": 50.0, "flow": 3.0})


def test_rows_of_another_width_are_refused(detector: AnomalyDetector) -> None:
    for wrong in (VALUES[:, :2], np.hstack([VALUES, VALUES]), VALUES[:, :2].tolist()):
        with pytest.raises(SchemaMismatch, match="is expecting 3 features"):
            detector.score(wrong)


def test_no_rows_are_refused(detector: AnomalyDetector) -> None:
    for empty in (FRAME[:0], VALUES[:0], pd.DataFrame(columns=NAMES), pa.table({n: [] for n in NAMES})):
        with pytest.raises(ValueError, match=r"no rows|0 sample"):
            detector.score(empty)
        with pytest.raises(ValueError, match=r"no rows|0 sample"):
            AnomalyDetector().fit(empty)
