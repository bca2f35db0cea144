"""A sample is fair, in order, and the same for a seed whatever the batches."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
import pytest

from data_platform.application.frames.frame_table import FrameTable
from data_platform.application.sample_rows import sample_rows


@dataclass(frozen=True)
class InBatchesOf(FrameTable):
    size: int = 1

    def batches(self, *, columns: Sequence[str] | None = None, rows: int = 1) -> Iterator[pl.DataFrame]:
        return super().batches(columns=columns, rows=self.size)


def numbered(rows: int, *, size: int = 1000) -> InBatchesOf:
    return InBatchesOf(pl.DataFrame({"n": np.arange(rows)}), "numbers", size=size)


@pytest.mark.parametrize("most", [10, 11])
def test_a_short_table_is_taken_whole_in_its_order(most: int) -> None:
    sample = sample_rows(numbered(10, size=3), most=most, seed=0)
    assert sample.frame["n"].to_list() == list(range(10))
    assert sample.row_numbers.tolist() == list(range(10))
    assert sample.rows_seen == 10
    assert sample.is_whole


def test_a_long_table_gives_as_many_rows_as_asked_for_in_order() -> None:
    sample = sample_rows(numbered(50_000), most=500, seed=0)
    assert sample.rows_seen == 50_000
    assert len(sample.frame) == 500
    assert sample.frame["n"].to_list() == sample.row_numbers.tolist()
    assert (np.diff(sample.row_numbers) > 0).all()
    assert sample.row_numbers.dtype == np.int64


@pytest.mark.parametrize("size", [1, 7, 640, 5000])
def test_the_batches_do_not_matter(size: int) -> None:
    whole = sample_rows(numbered(5000, size=5000), most=100, seed=3)
    assert (
        sample_rows(numbered(5000, size=size), most=100, seed=3).row_numbers.tolist()
        == whole.row_numbers.tolist()
    )


def test_another_seed_gives_other_rows() -> None:
    one, other = (sample_rows(numbered(5000), most=100, seed=seed).row_numbers for seed in (0, 1))
    assert one.tolist() != other.tolist()


def test_every_part_of_the_table_is_drawn_equally_often() -> None:
    drawn = np.concatenate([sample_rows(numbered(1000), most=100, seed=s).row_numbers for s in range(200)])
    counts = np.bincount(drawn // 100, minlength=10)  # 2,000 expected in each tenth; sd about 40
    assert abs(counts - 2000).max() < 200


def test_no_rows_give_an_empty_sample_with_the_columns() -> None:
    sample = sample_rows(numbered(0), most=5, seed=0)
    assert sample.frame.columns == ["n"]
    assert sample.rows_seen == 0
