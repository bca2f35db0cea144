"""The queue of rows to label beside a simple reference, on both databases."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from random import Random
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import insert

from anomaly_detection.application.labels.label_rows import WantedLabel
from anomaly_detection.application.labels.ports import QueueFilter
from anomaly_detection.domain.calibration import ROUNDING
from anomaly_detection.domain.ids import DetectorId, RunId
from anomaly_detection.domain.labels.label import Verdict
from anomaly_detection.domain.runs.run import Run
from anomaly_detection.infrastructure.runs.tables import anomalies
from core.domain.ids import new_id
from core.domain.page import Counting
from core.infrastructure.sql import Storage
from tests.support.labelling import LabellingDesk, labelling_on

Place = tuple[UUID, int]
Found = tuple[float, RunId, int]  # distance, run, row
RATES = (0.01, 0.05, 0.2)
MOST_RUNS = 20


@dataclass(frozen=True)
class Kept:
    """A finished run and the tail probabilities of the rows it keeps."""

    run: Run
    rare: dict[int, float]

    @property
    def scorer(self) -> tuple[object, ...]:
        run = self.run
        return run.detector_id, run.dataset_id, run.model_reference, "" if run.detector_id else run.algorithm

    def distance(self, row: int) -> float:
        p, rate = self.rare[row], self.run.alert_rate or 0.0
        return p / rate if p > rate * (1 + ROUNDING) else rate / p


@dataclass
class Town:
    """Random runs, the newest first. Detectors but ``there`` are deleted."""

    desk: LabellingDesk
    random: Random
    kept: list[Kept]
    labelled: set[Place]
    there: DetectorId

    def of_filter(self, wanted: QueueFilter) -> Iterator[Kept]:
        seen = set()
        for each in self.kept:
            run = each.run
            if wanted.run_id is not None and run.id != wanted.run_id:
                continue
            if wanted.detector_id is not None and run.detector_id != wanted.detector_id:
                continue
            if wanted.without_detector and run.detector_id == self.there:
                continue
            if wanted.run_id is None and each.scorer in seen:
                continue
            seen.add(each.scorer)
            if run.dataset_id not in self.desk.deleted:
                yield each

    def expected(self, wanted: QueueFilter) -> list[Found]:
        found: list[Found] = []
        standing = set(self.labelled)
        for each in list(self.of_filter(wanted))[:MOST_RUNS]:
            own = [row for row in each.rare if (each.run.dataset_version_id, row) not in standing]
            found += [(each.distance(row), each.run.id, row) for row in own]
            standing |= {(each.run.dataset_version_id, row) for row in own}
        return sorted(found)

    def queue(
        self, wanted: QueueFilter, *, limit: int, count: Counting | None = None
    ) -> tuple[list[Found], set[int | None]]:
        """All pages, one after the other, and the totals they told."""
        found: list[Found] = []
        totals, cursor = set(), None
        while True:
            page = self.desk.labels.queue.rows(
                self.desk.ana.tenant_id, wanted, limit=limit, cursor=cursor, count=count
            )
            found += [(each.distance, each.run_id, each.row) for each in page.items]
            totals.add(page.total)
            if (cursor := page.next_cursor) is None:
                return found, totals


def store(desk: LabellingDesk, rare: dict[int, float], **of: Any) -> Kept:
    run = Run(
        id=RunId(new_id()),
        tenant_id=desk.ana.tenant_id,
        dataset_slug="orders",
        dataset_number=1,
        rows=10_000,
        finished_at=desk.storage.clock(),
        **of,
    )
    rest = {"raw_score": 0.0, "row_id": "", "reason": "", "contributions": {}, "cells": {}}
    owned = {"tenant_id": run.tenant_id, "run_id": run.id} | rest
    with desk.storage.database.of_tenant(run.tenant_id, write=True) as session:
        session.add(run)
        session.flush()
        if rare:
            rows = [owned | {"row": row, "tail_probability": p} for row, p in rare.items()]
            session.execute(insert(anomalies), rows)
        session.commit()
    return Kept(run, rare)


def town_of(storage: Storage, seed: int, *, runs: int) -> Town:
    desk, random, now = labelling_on(storage), Random(seed), storage.clock()
    there = desk.stored_detector()
    detectors = [there, *(DetectorId(new_id()) for _ in range(3))]
    dataset = new_id()
    versions = [(dataset, new_id()), (dataset, new_id()), (new_id(), new_id()), (new_id(), new_id())]
    kept: list[Kept] = []
    for age in range(runs):
        dataset_id, version_id = random.choice(versions)
        numbers = random.sample(range(30), random.randrange(30))
        kept.append(
            store(
                desk,
                {row: random.randrange(1, 60) / 100 for row in numbers},
                dataset_id=dataset_id,
                dataset_version_id=version_id,
                detector_id=random.choice([*detectors, None]),
                algorithm=random.choice(["hbos", "ecod"]),
                model_reference=random.choice(["", "pumps:1"]),
                alert_rate=random.choice(RATES),
                created_at=now - timedelta(minutes=age // 2),
            )
        )
    kept.sort(key=lambda each: (each.run.created_at, each.run.id), reverse=True)
    chosen = {(each.run.dataset_version_id, row): each for each in kept for row in each.rare}
    labelled = random.sample(sorted(chosen), len(chosen) // 3)
    desk.labels.label(
        desk.ana, [WantedLabel(run_id=chosen[p].run.id, row=p[1], verdict=Verdict.TRUE) for p in labelled]
    )
    desk.deleted.add(versions[-1][0])
    return Town(desk, random, kept, set(labelled), there)


@pytest.mark.parametrize("seed", range(4))
def test_the_queue_is_what_a_simple_reference_makes_of_it(storage: Storage, seed: int) -> None:
    town = town_of(storage, seed, runs=(3, 12, 40, 60)[seed])
    known = {each.run.detector_id for each in town.kept if each.run.detector_id}
    filters = [
        QueueFilter(),
        QueueFilter(without_detector=True),
        *(QueueFilter(detector_id=each) for each in sorted(known)),
        *(QueueFilter(run_id=each.run.id) for each in town.kept[:5]),
    ]

    for wanted in filters:
        expected = town.expected(wanted)
        found, totals = town.queue(
            wanted, limit=town.random.randrange(1, 40), count=town.random.choice([None, Counting.EXACT])
        )

        assert found == expected
        assert totals <= {None, len(expected)}


def test_rows_of_an_older_run_stand_where_the_newest_keeps_all_that_are_nearer(storage: Storage) -> None:
    desk, now, dataset_id, version_id = labelling_on(storage), storage.clock(), new_id(), new_id()
    nearer = {row: 0.1 + row / 20_000 for row in range(1_000)}
    further = {row: 0.1 + row / 20_000 for row in range(1_000, 2_100)}
    kept = [
        store(
            desk,
            rare,
            dataset_id=dataset_id,
            dataset_version_id=version_id,
            detector_id=DetectorId(new_id()),
            algorithm="hbos",
            alert_rate=rate,
            created_at=now - timedelta(minutes=age),
        )
        for age, (rare, rate) in enumerate([(nearer, 0.01), (nearer | further, 0.1)])
    ]
    town = Town(desk, Random(0), kept, set(), DetectorId(new_id()))

    found, _ = town.queue(QueueFilter(), limit=500)

    assert found == town.expected(QueueFilter())
    assert [row for _, run, row in found if run == kept[1].run.id] == list(further)
