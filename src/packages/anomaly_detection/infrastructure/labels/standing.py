"""Which rows of a run stand in the queue: those without a label that no newer run over the same rows keeps. A label holds
for the row, so it is asked for once."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import ColumnElement, Select, String, cast, func, select
from sqlalchemy.orm import Session

from anomaly_detection.application.labels.ports import LabelledRun
from anomaly_detection.domain.ids import RunId
from anomaly_detection.infrastructure.labels.tables import labels
from anomaly_detection.infrastructure.runs.tables import anomalies
from core.domain.ids import TenantId
from core.infrastructure.sql import of_tenant

Rows = NDArray[np.int64]
FEW = 1_000  # rows of a run that are asked for by number


@dataclass(frozen=True, slots=True)
class Standing:
    """The rows of a run that stand. ``own`` None: all those it keeps and nobody has labelled."""

    run: LabelledRun
    own: Rows | None

    @property
    def is_empty(self) -> bool:
        return self.own is not None and not self.own.size

    def condition(self, tenant_id: TenantId) -> ColumnElement[bool]:
        """Of anomalies; with many rows of its own it lets others pass, see ``among``."""
        if self.own is None:
            return is_unlabelled(tenant_id, self.run)
        of_run = anomalies.c.run_id == self.run.id
        return of_run & anomalies.c.row.in_(self.own.tolist()) if self.own.size <= FEW else of_run

    @property
    def among(self) -> frozenset[int] | None:
        """None: ``condition`` has seen to it."""
        return None if self.own is None or self.own.size <= FEW else frozenset(self.own.tolist())


def standing(
    session: Session, tenant_id: TenantId, found: Sequence[LabelledRun], *, is_counted: bool
) -> list[Standing]:
    """Of each run; ``found`` has the newest first. ``is_counted``: also runs that share their rows with none get to know
    which they are."""
    by_version: defaultdict[Any, list[LabelledRun]] = defaultdict(list)
    for run in found:
        by_version[run.dataset_version_id].append(run)
    each: list[Standing] = []
    for alike in by_version.values():
        if len(alike) > 1 or is_counted:
            each.extend(_each_once(session, tenant_id, alike))
        else:
            each.append(Standing(alike[0], None))
    return each


def is_unlabelled(tenant_id: TenantId, *alike: LabelledRun) -> ColumnElement[bool]:
    """Of anomalies: one of the runs, all over one dataset version, keeps the row and nobody has labelled it."""
    of_version = labels.c.dataset_version_id == alike[0].dataset_version_id
    labelled = of_tenant(select(labels.c.row).where(of_version), tenant_id)
    return anomalies.c.run_id.in_([run.id for run in alike]) & anomalies.c.row.not_in(labelled)


def _each_once(session: Session, tenant_id: TenantId, alike: Sequence[LabelledRun]) -> Iterator[Standing]:
    """Told apart here: a database that looks for each row in each newer run takes seconds where runs keep much."""
    unlabelled = _unlabelled(session, tenant_id, alike)
    last = max((int(rows.max()) for rows in unlabelled.values()), default=-1)
    is_kept = np.zeros(last + 1, dtype=np.bool_)  # by a newer run
    for run in alike:
        rows = unlabelled.get(run.id, np.empty(0, dtype=np.int64))
        yield Standing(run, rows[~is_kept[rows]])
        is_kept[rows] = True


def _unlabelled(session: Session, tenant_id: TenantId, alike: Sequence[LabelledRun]) -> dict[RunId, Rows]:
    """As one text for each run: rows of their own take three times as long to get here."""
    text = func.aggregate_strings(cast(anomalies.c.row, String), ",").label("numbers")
    wanted: Select[Any] = select(anomalies.c.run_id, text).where(is_unlabelled(tenant_id, *alike))
    found = session.execute(of_tenant(wanted, tenant_id).group_by(anomalies.c.run_id))
    return {RunId(row.run_id): np.fromstring(row.numbers, dtype=np.int64, sep=",") for row in found}
