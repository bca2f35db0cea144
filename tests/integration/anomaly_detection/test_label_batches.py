"""Many labels at once: few statements, and one winner where two people label the same row."""

from collections.abc import Callable

import pytest
from sqlalchemy import event

from anomaly_detection.application.labels.label_rows import WantedLabel
from anomaly_detection.domain.ids import LabelBatchId, RunId
from anomaly_detection.domain.labels.label import Label, Verdict
from core.domain.ids import new_id
from core.domain.public_ids import parsed
from core.infrastructure.database import Database
from core.infrastructure.sql import Duplicate, Storage
from tests.support.fakes import FakeAuditLog, FakeClock, FakeDispatch, FakeQuotas
from tests.support.labelling import LabellingDesk, labelling_on


def run_of(desk: LabellingDesk) -> RunId:
    found = parsed("run", desk.stored_run(rows=1_000))
    assert found is not None
    return RunId(found)


def statements(database: Database, act: Callable[[], object]) -> int:
    """How many the act sends."""
    sent: list[str] = []

    def note(_: object, __: object, statement: str, *rest: object) -> None:
        sent.append(statement)

    event.listen(database.app, "before_cursor_execute", note)
    try:
        act()
    finally:
        event.remove(database.app, "before_cursor_execute", note)
    return len(sent)


def test_many_rows_are_labelled_and_taken_back_with_as_many_statements_as_a_few(storage: Storage) -> None:
    desk = labelling_on(storage)
    few, many = (
        _sent(
            desk,
            LabelBatchId(new_id()),
            [WantedLabel(run_id=run, row=row, verdict=Verdict.TRUE) for row in range(rows)],
        )
        for run, rows in ((run_of(desk), 3), (run_of(desk), 300))
    )

    assert few == many


def _sent(desk: LabellingDesk, batch: LabelBatchId, wanted: list[WantedLabel]) -> tuple[int, int]:
    """Statements that label the rows, and that take them back."""
    labels, database = desk.labels, desk.storage.database
    given = statements(database, lambda: labels.label(desk.ana, wanted, batch_id=batch))
    back = statements(database, lambda: labels.undo(desk.ana, batch))
    history = labels.queries.history(
        desk.ana.tenant_id, wanted[0].run_id, wanted[-1].row, limit=10, cursor=None
    )
    assert [each.verdict for each in history.items] == [None, Verdict.TRUE]
    return given, back


def test_who_labels_a_row_that_somebody_has_just_labelled_is_told(
    postgres_database: Database,
    audit_log: FakeAuditLog,
    quotas: FakeQuotas,
    clock: FakeClock,
    dispatch: FakeDispatch,
) -> None:
    desk = labelling_on(Storage(postgres_database, audit_log, quotas, clock, dispatch))
    run_id = run_of(desk)
    with desk.labels.label.uow(desk.ana) as uow:
        run = uow.run(run_id)
        label = Label(
            tenant_id=desk.ana.tenant_id,
            dataset_version_id=run.dataset_version_id,
            row=0,
            verdict=Verdict.FALSE_POSITIVE,
            run_id=run_id,
            labelled_at=clock(),
        )
        desk.labels.label(desk.ana, [WantedLabel(run_id=run_id, row=0, verdict=Verdict.TRUE)])
        uow.add(label)
        uow.record(label.as_change())

        with pytest.raises(Duplicate):
            uow.commit()

    assert desk.labels.queries.label(desk.ana.tenant_id, run_id, 0).verdict is Verdict.TRUE
    history = desk.labels.queries.history(desk.ana.tenant_id, run_id, 0, limit=10, cursor=None)
    assert len(history.items) == 1
