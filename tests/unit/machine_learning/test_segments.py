import numpy as np
import polars as pl

from machine_learning.domain.segments import MOST_SEGMENTS, MOST_VALUES, SegmentCounts

HALLS = pl.Series("hall", ["a", "a", "b", "b", None, None, "c", "c"])
LABELS = np.array([1, 1, 1, 0, 0, 1, 0, 0], dtype=bool)
FLAGGED = np.array([1, 1, 1, 1, 0, 0, 0, 0], dtype=bool)


def test_the_worst_part_comes_first_and_one_that_tells_nothing_is_left_out() -> None:
    counts = SegmentCounts(["hall", "absent"])
    frame = pl.DataFrame([HALLS])
    for part in (slice(0, 3), slice(3, 8)):
        counts.add(frame[part], flagged=FLAGGED[part], labels=LABELS[part])
    found = [(one.value, one.rows, one.precision, one.recall) for one in counts.worst()]
    assert found == [(None, 2, None, 0.0), ("b", 2, 0.5, 1.0), ("a", 2, 1.0, 1.0)]


def test_of_equally_bad_parts_the_one_with_more_to_tell_comes_first() -> None:
    counts = SegmentCounts(["hall"])
    labels = np.array([1, 1, 1, 0], dtype=bool)
    counts.add(pl.DataFrame({"hall": ["a", "b", "b", "c"]}), flagged=~labels, labels=labels)
    assert [one.value for one in counts.worst()] == ["b", "a", "c"]


def test_columns_of_many_values_or_of_one_are_left_out() -> None:
    n = MOST_VALUES + 1
    frame = pl.DataFrame({"many": range(n), "one": [True] * n, "some": [i % 15 for i in range(n)]})
    counts = SegmentCounts(frame.columns)
    for row in range(n):
        counts.add(frame[row], flagged=np.array([True]), labels=np.array([False]))
    found = counts.worst()
    assert {one.column for one in found} == {"some"}
    assert len(found) == MOST_SEGMENTS
