"""Rows of a run as analysts narrow them down."""

from datetime import timedelta
from typing import Any

import pytest

from anomaly_detection.application.labels.label_rows import WantedLabel
from anomaly_detection.application.runs.choose_threshold import Measure, Wish
from anomaly_detection.application.runs.find_rows import RowsWanted
from anomaly_detection.application.runs.ports import RunView, ScoredRow
from anomaly_detection.domain.explanations.choice import NoSuchValue
from anomaly_detection.domain.labels.label import Verdict
from anomaly_detection.domain.runs.run import Run
from anomaly_detection.wiring import build_labels
from core.domain.page import InvalidCursor, Page
from tests.support.runs import FORMULA, PLANTED, RunDesk

EVERYTHING = 0.0


def found(
    run_desk: RunDesk,
    view: RunView,
    score: float,
    *,
    limit: int = 50,
    cursor: str | None = None,
    **having: Any,
) -> Page[ScoredRow]:
    wanted = RowsWanted(score_gte=score, having=having)
    return run_desk.runs.find_rows(stored(run_desk, view), wanted, sort="-score", limit=limit, cursor=cursor)


def stored(run_desk: RunDesk, view: RunView) -> Run:
    return run_desk.runs.queries.finished(run_desk.ana.tenant_id, view.id)


def test_without_values_all_rows_are_counted_and_those_kept_are_listed(run_desk: RunDesk) -> None:
    view = run_desk.finished()

    flagged = found(run_desk, view, 0.8)

    assert flagged.total == view.anomalies == len(flagged.items)
    assert {row.row for row in flagged.items} >= set(PLANTED)
    assert found(run_desk, view, EVERYTHING).total == 1_500


def test_a_value_narrows_the_rows_page_by_page_in_the_order_of_scores(run_desk: RunDesk) -> None:
    view = run_desk.finished()
    rows: list[ScoredRow] = []
    cursor = None
    while True:
        page = found(run_desk, view, EVERYTHING, limit=40, cursor=cursor, name=[FORMULA])
        rows += page.items
        if (cursor := page.next_cursor) is None:
            break

    assert page.total == len(rows) == 150
    assert {row.row for row in rows} == set(range(0, 1_500, 10))
    assert [row.score for row in rows] == sorted((row.score for row in rows), reverse=True)
    assert all(row.reason for row in rows)


def test_values_of_one_column_add_up_and_columns_narrow_each_other(run_desk: RunDesk) -> None:
    view = run_desk.finished()

    two = found(run_desk, view, EVERYTHING, name=["pump-7", "pump-250", "pump-1"])
    both = found(run_desk, view, EVERYTHING, name=["pump-7", "pump-1"], amount=["39.0..41.0"])

    assert {row.row for row in two.items} == {7, 1} | ({250} if 250 % 10 else set())
    assert [row.row for row in both.items] == [7]


def test_the_table_of_a_filter_has_its_rows_alone(run_desk: RunDesk) -> None:
    view = run_desk.finished()
    wanted = RowsWanted(score_gte=EVERYTHING, having={"name": [FORMULA]})

    table = run_desk.runs.find_rows.chosen(stored(run_desk, view), wanted)

    frames = list(table.batches(rows=200))
    assert sum(len(frame) for frame in frames) == table.row_count() == 150
    assert {name for frame in frames for name in frame["name"]} == {FORMULA}


@pytest.mark.parametrize("having", [{"nowhere": ["1"]}, {"amount": ["soon"]}])
def test_values_there_cannot_be_are_refused(run_desk: RunDesk, having: dict[str, Any]) -> None:
    with pytest.raises(NoSuchValue):
        found(run_desk, run_desk.finished(), EVERYTHING, **having)


@pytest.mark.parametrize("cursor", ["x", "-1", "9" * 30])
def test_a_cursor_of_another_list_is_refused(run_desk: RunDesk, cursor: str) -> None:
    with pytest.raises(InvalidCursor):
        found(run_desk, run_desk.finished(), EVERYTHING, cursor=cursor, name=[FORMULA])


def test_scores_are_counted_anew_after_the_threshold_moved(run_desk: RunDesk) -> None:
    view = run_desk.finished()
    before = found(run_desk, view, 0.9).total

    run_desk.runs.move_threshold(run_desk.ana, view.id, Wish(Measure.SCORE, 0.9), version=view.version)

    after = found(run_desk, run_desk.view(view.id), 0.8)
    assert after.total == run_desk.view(view.id).anomalies == before
    assert all(row.reason for row in after.items)


def test_labels_on_flagged_rows_count_in_their_week_once_for_each_detector(run_desk: RunDesk) -> None:
    labels = build_labels(run_desk.desk.storage, lambda _, ids: ids)
    first, second = run_desk.finished(), run_desk.finished()
    for row, verdict in ((PLANTED[0], Verdict.TRUE), (PLANTED[1], Verdict.FALSE_POSITIVE), (3, Verdict.TRUE)):
        labels.label(run_desk.ana, [WantedLabel(run_id=first.id, row=row, verdict=verdict)])
    now = run_desk.desk.storage.clock()

    judged = labels.precision.by_week(
        run_desk.ana.tenant_id, [now - timedelta(days=8), now - timedelta(days=1)]
    )

    assert first.dataset_version_id == second.dataset_version_id
    assert [(each.detector_id, each.algorithm, each.week) for each in judged] == [
        (None, "hbos", now - timedelta(days=1))
    ]
    assert judged[0].precision.counts == {Verdict.TRUE: 1, Verdict.FALSE_POSITIVE: 1}


def test_an_order_and_its_reverse_hold_the_same_rows_also_those_that_are_not_stored(
    run_desk: RunDesk,
) -> None:
    run = stored(run_desk, run_desk.finished())

    def listed(order: str, score: float) -> list[int]:
        rows: list[int] = []
        cursor = None
        while True:
            wanted = RowsWanted(score_gte=score, having={})
            page = run_desk.runs.find_rows(run, wanted, sort=order, limit=7 if score else 500, cursor=cursor)
            rows += [row.row for row in page.items]
            if (cursor := page.next_cursor) is None:
                return rows

    assert listed("score", 0.8) == listed("-score", 0.8)[::-1]
    assert listed("-row", 0.8) == listed("row", 0.8)[::-1] == sorted(listed("score", 0.8), reverse=True)
    assert listed("-row", EVERYTHING) == listed("row", EVERYTHING)[::-1] == list(range(1_499, -1, -1))
    assert listed("score", EVERYTHING)[-10:] == listed("-score", EVERYTHING)[:10][::-1]
