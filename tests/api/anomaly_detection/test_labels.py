"""Labels over HTTP, on both databases."""

from datetime import timedelta
from typing import Any

import pytest

from anomaly_detection.application.labels.ports import Agreement
from core.domain.ids import new_id
from core.domain.public_ids import parsed, shown
from core.infrastructure.sql import Storage
from tests.support.fakes import FakeAuditLog, FakeClock
from tests.support.labelling import LabellingDesk, labelling_on

ONCE = {"Idempotency-Key": "k1"}


@pytest.fixture
def desk(storage: Storage) -> LabellingDesk:
    return labelling_on(storage)


def test_a_label_is_given_changed_and_taken_away_and_its_history_stays(
    desk: LabellingDesk, clock: FakeClock, audit_log: FakeAuditLog
) -> None:
    run = desk.stored_run()
    given = desk.label(run, 2, "true")
    assert (given.status_code, given.headers["ETag"], given.json()["verdict"]) == (201, '"1"', "true")
    assert given.json()["labelled_by"]["user_id"] == shown("usr", desk.ana.user_id or new_id())
    clock.advance(seconds=1)
    changed = desk.label(run, 2, "false_positive", headers={"If-Match": '"1"'})
    assert (changed.status_code, changed.headers["ETag"]) == (200, '"2"')
    clock.advance(seconds=1)
    path = f"/runs/{run}/rows/2/label"
    assert desk.send("GET", path).json()["verdict"] == "false_positive"
    assert desk.send("DELETE", path, headers={"If-Match": '"2"'}).status_code == 204
    assert desk.send("GET", path).json()["code"] == "label_not_found"
    history = desk.send("GET", f"{path}/history").json()["items"]
    assert [change["verdict"] for change in history] == [None, "false_positive", "true"]
    assert audit_log.actions == ["label.created", "label.changed", "label.removed"]


def test_a_label_is_not_overwritten_unseen(desk: LabellingDesk) -> None:
    run = desk.stored_run()
    assert desk.label(run, 0).status_code == 201
    assert desk.label(run, 0).status_code == 200, "it is just as it is"
    unseen = desk.label(run, 0, "unsure")
    assert (unseen.status_code, unseen.json()["code"]) == (428, "version_needed")
    assert desk.label(run, 0, "unsure", headers={"If-Match": '"7"'}).status_code == 412
    assert desk.label(run, 1, headers={"If-Match": '"1"'}).status_code == 412
    path = f"/runs/{run}/rows/0/label"
    assert desk.send("DELETE", path).status_code == 428
    assert desk.send("DELETE", path, headers={"If-Match": '"7"'}).status_code == 412
    assert desk.send("GET", path).json()["verdict"] == "true"


def test_a_label_given_anew_has_another_version_than_the_one_before(desk: LabellingDesk) -> None:
    run = desk.stored_run()
    desk.label(run, 0)
    desk.send("DELETE", f"/runs/{run}/rows/0/label", headers={"If-Match": '"1"'})
    assert desk.label(run, 0).headers["ETag"] == '"3"'
    assert desk.label(run, 0, "unsure", headers={"If-Match": '"1"'}).status_code == 412


def test_a_label_holds_for_every_run_over_the_dataset_version(desk: LabellingDesk) -> None:
    version = new_id()
    first, second = (desk.stored_run(dataset_version_id=version) for _ in range(2))
    desk.label(first, 3, "expected")
    there = desk.send("GET", f"/runs/{second}/rows/3/label").json()
    assert (there["verdict"], there["run"]) == ("expected", first)
    assert desk.label(second, 3).status_code == 428
    assert desk.label(second, 3, "expected").headers["ETag"] == '"1"'


@pytest.mark.parametrize(
    ("row", "body", "status", "code"),
    [
        ("10", {"verdict": "true"}, 404, "no_such_row"),
        ("-1", {"verdict": "true"}, 422, "invalid_request"),
        ("99999999999999999999", {"verdict": "true"}, 422, "invalid_request"),
        ("1", {"verdict": "missed"}, 422, "invalid_request"),
        ("1", {"verdict": "true", "note": "a\x00b"}, 422, "invalid_request"),
        ("1", {"verdict": "true", "note": "x" * 4001}, 422, "invalid_request"),
        ("1", {"verdict": "true", "by": "me"}, 422, "invalid_request"),
        ("1", {}, 422, "invalid_request"),
    ],
)
def test_what_is_no_label_is_refused(
    desk: LabellingDesk, row: str, body: dict[str, str], status: int, code: str
) -> None:
    answer = desk.send("PUT", f"/runs/{desk.stored_run()}/rows/{row}/label", json=body)
    assert (answer.status_code, answer.json()["code"]) == (status, code)


def test_rows_of_a_run_that_is_not_finished_cannot_be_labelled(desk: LabellingDesk) -> None:
    answer = desk.label(desk.stored_run(is_finished=False), 0)
    assert (answer.status_code, answer.json()["code"]) == (409, "run_not_finished")


def test_a_viewer_reads_labels_and_gives_none(desk: LabellingDesk) -> None:
    run = desk.stored_run()
    desk.label(run, 0)
    assert desk.send("GET", f"/runs/{run}/rows/0/label", who="vera").status_code == 200
    assert desk.label(run, 1, who="vera").status_code == 403
    batch = {"labels": [{"run": run, "row": 1, "verdict": "true"}]}
    assert desk.send("POST", "/label-batches", json=batch, headers=ONCE, who="vera").status_code == 403


@pytest.mark.parametrize("path", ["label", "label/history"])
def test_a_run_of_another_tenant_is_as_unknown_as_one_that_never_was(desk: LabellingDesk, path: str) -> None:
    run = desk.stored_run()
    desk.label(run, 0)
    foreign = desk.send("GET", f"/runs/{run}/rows/0/{path}", who="bob")
    unknown = desk.send("GET", f"/runs/{shown('run', new_id())}/rows/0/{path}", who="bob")
    assert foreign.status_code == unknown.status_code == 404
    assert foreign.json() | {"instance": ""} == unknown.json() | {"instance": ""}
    assert desk.label(run, 1, who="bob").status_code == 404
    assert desk.send("GET", f"/labels/queue?run={run}", who="bob").status_code == 404
    assert desk.send("GET", f"/labels?run={run}", who="bob").json()["items"] == []
    assert desk.send("GET", f"/labels/precision?run={run}", who="bob").json()["true"] == 0


def test_a_batch_says_of_each_label_what_became_of_it(desk: LabellingDesk, audit_log: FakeAuditLog) -> None:
    run, unfinished = desk.stored_run(), desk.stored_run(is_finished=False)
    desk.label(run, 5, "unsure")
    wanted = [
        {"run": run, "row": 0, "verdict": "true"},
        {"run": run, "row": 5, "verdict": "true"},
        {"run": run, "row": 5, "verdict": "true", "version": 1},
        {"run": run, "row": 10, "verdict": "true"},
        {"run": unfinished, "row": 0, "verdict": "true"},
        {"run": shown("run", new_id()), "row": 0, "verdict": "true"},
        {"run": run, "row": 0, "verdict": "false_positive"},
    ]
    answer = desk.send("POST", "/label-batches", json={"labels": wanted}, headers=ONCE).json()
    said = [item["error"]["code"] if item["error"] else item["status"] for item in answer["items"]]
    assert said == [
        "created",
        "version_needed",
        "kept",
        "no_such_row",
        "run_not_finished",
        "run_not_found",
        "version_needed",
    ]
    assert answer["items"][1]["error"]["version"] == 1
    assert (answer["accepted"], answer["refused"]) == (2, 5)
    assert desk.send("GET", f"/runs/{run}/rows/0/label").json()["verdict"] == "true"
    assert audit_log.actions == ["label.created", "label.created", "label.changed"]


def test_a_batch_of_a_thousand_is_taken_and_one_more_is_not(desk: LabellingDesk) -> None:
    run = desk.stored_run(rows=2_000)
    wanted = [{"run": run, "row": row, "verdict": "expected"} for row in range(1_001)]
    assert desk.send("POST", "/label-batches", json={"labels": wanted}, headers=ONCE).status_code == 422
    assert desk.send("POST", "/label-batches", json={"labels": wanted[1:]}).status_code == 400
    taken = desk.send("POST", "/label-batches", json={"labels": wanted[1:]}, headers=ONCE)
    assert (taken.status_code, taken.json()["accepted"]) == (200, 1_000)


def many(desk: LabellingDesk, run: str, *wanted: tuple[int, str, int | None], who: str = "ana") -> Any:
    labels = [
        {"run": run, "row": row, "verdict": verdict, "version": version} for row, verdict, version in wanted
    ]
    once = {"Idempotency-Key": str(new_id())}
    return desk.send("POST", "/label-batches", json={"labels": labels}, headers=once, who=who).json()


def test_what_was_labelled_at_once_is_taken_back_at_once(
    desk: LabellingDesk, clock: FakeClock, audit_log: FakeAuditLog
) -> None:
    run = desk.stored_run()
    desk.label(run, 0, "unsure", who="eva")
    before = desk.send("GET", f"/runs/{run}/rows/0/label").json()
    clock.advance(minutes=1)
    batch = many(desk, run, (0, "true", 1), (1, "true", None), (2, "true", None))["id"]
    clock.advance(minutes=1)
    desk.label(run, 2, "expected", who="eva", headers={"If-Match": '"1"'})
    clock.advance(minutes=8)

    undone = desk.send("DELETE", f"/label-batches/{batch}")

    assert (undone.status_code, undone.json()) == (200, {"taken_back": 2, "kept": 1})
    assert desk.send("GET", f"/runs/{run}/rows/0/label").json() == before | {"version": 3}
    assert desk.send("GET", f"/runs/{run}/rows/1/label").status_code == 404
    assert desk.send("GET", f"/runs/{run}/rows/2/label").json()["verdict"] == "expected"
    history = desk.send("GET", f"/runs/{run}/rows/0/label/history").json()["items"]
    assert [each["verdict"] for each in history] == ["unsure", "true", "unsure"]
    assert history[0]["by"]["user_id"] == shown("usr", desk.ana.user_id or new_id())
    assert sorted(audit_log.actions[-2:]) == ["label.changed", "label.removed"]
    again = desk.send("DELETE", f"/label-batches/{batch}").json()
    assert again == {"taken_back": 0, "kept": 3}
    assert desk.label(run, 1).headers["ETag"] == '"3"'


def test_a_batch_is_taken_back_by_who_gave_it_and_for_ten_minutes(
    desk: LabellingDesk, clock: FakeClock
) -> None:
    run = desk.stored_run()
    batch = many(desk, run, (1, "true", None), who="eva")["id"]

    def refused(who: str, id_: str = batch) -> tuple[int, str]:
        answer = desk.send("DELETE", f"/label-batches/{id_}", who=who)
        return answer.status_code, answer.json()["code"]

    assert refused("ana") == (403, "not_your_labels")
    assert refused("vera")[0] == 403
    assert refused("bob") == refused("eva", shown("lbl", new_id())) == (404, "label_batch_not_found")
    assert refused("eva", "lbl_1") == (404, "label_batch_not_found")
    clock.advance(minutes=11)
    assert refused("eva") == (409, "too_late_to_undo")
    assert desk.send("GET", f"/runs/{run}/rows/1/label").json()["verdict"] == "true"


def test_a_batch_takes_back_no_more_than_it_did(desk: LabellingDesk) -> None:
    run = desk.stored_run()
    desk.label(run, 0)
    batch = many(desk, run, (0, "true", 1), (1, "unsure", None), (1, "true", 1))["id"]
    assert many(desk, run, (0, "true", 1))["id"] is None

    assert desk.send("DELETE", f"/label-batches/{batch}").json() == {"taken_back": 1, "kept": 0}

    assert desk.send("GET", f"/runs/{run}/rows/0/label").json()["verdict"] == "true"
    assert desk.send("GET", f"/runs/{run}/rows/1/label").status_code == 404


def test_a_batch_is_taken_back_after_the_one_that_changed_it(desk: LabellingDesk, clock: FakeClock) -> None:
    run = desk.stored_run()
    first = many(desk, run, (0, "true", None), (1, "true", None))["id"]
    clock.advance(minutes=1)
    second = many(desk, run, (0, "expected", 1))["id"]
    clock.advance(minutes=1)
    undone = [desk.send("DELETE", f"/label-batches/{batch}").json() for batch in (second, second, first)]
    assert [(each["taken_back"], each["kept"]) for each in undone] == [(1, 0), (0, 1), (2, 0)]
    assert desk.send("GET", f"/runs/{run}/rows/0/label").status_code == 404


def test_labels_are_listed_by_what_is_asked_and_page_by_page(desk: LabellingDesk, clock: FakeClock) -> None:
    detector = new_id()
    run, other = desk.stored_run(detector_id=detector), desk.stored_run(dataset_slug="refunds")
    for row, verdict in enumerate(["true", "false_positive", "unsure"]):
        clock.advance(minutes=1)
        desk.label(run, row, verdict)
    desk.label(other, 0, "true")

    def rows(query: str) -> list[tuple[int, str]]:
        items = desk.send("GET", f"/labels?{query}").json()["items"]
        return [(item["row"], item["verdict"]) for item in items]

    everything = [(2, "unsure"), (1, "false_positive"), (0, "true")]
    assert rows(f"run={run}") == everything
    assert rows(f"detector={shown('det', detector)}") == everything
    assert rows("dataset=orders") == everything
    assert rows("dataset=refunds&verdict=true,unsure") == [(0, "true")]
    assert rows(f"run={run}&verdict=true,unsure") == [(2, "unsure"), (0, "true")]
    assert rows(f"run={run}&from=2026-07-01T12:02:00Z&to=2026-07-01T12:03:00Z") == everything[1:2]
    assert len(rows(f"by={shown('usr', desk.ana.user_id or new_id())}")) == 4
    assert rows(f"by={shown('key', new_id())}") == []
    first = desk.send("GET", f"/labels?run={run}&limit=2")
    assert 'rel="next"' in first.headers["Link"]
    second = desk.send("GET", f"/labels?run={run}&limit=2&cursor={first.json()['next_cursor']}").json()
    assert [item["row"] for item in second["items"]] == [0]
    assert second["has_more"] is False


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/labels?verdict=missed", 422),
        ("/labels?by=me", 400),
        ("/labels?color=red", 400),
        ("/labels?cursor=x", 400),
        ("/labels?dataset=%00", 200),
        ("/labels?dataset=nope", 200),
        ("/labels?detector=nope", 404),
        ("/labels?detector=%00", 404),
        ("/labels/precision?detector=nope", 404),
        ("/labels?from=0001-01-01T00:00:00%2B14:00", 422),
        ("/labels?from=9999-12-31T23:59:59-14:00", 422),
        ("/labels?run=run_1", 422),
        ("/labels/precision", 400),
        ("/labels/queue", 200),
        ("/labels/queue?run=run_1", 422),
        ("/labels/queue?detector=nope", 404),
        ("/labels/queue?cursor=x", 400),
        ("/runs/run_1/rows/0/label", 404),
    ],
)
def test_odd_questions_are_answered(desk: LabellingDesk, path: str, status: int) -> None:
    assert desk.send("GET", path).status_code == status


def test_the_queue_starts_at_the_threshold_and_leaves_labelled_rows_out(desk: LabellingDesk) -> None:
    run = desk.stored_run()
    desk.label(run, 1)
    queue = desk.send("GET", f"/labels/queue?run={run}").json()["items"]
    assert [(item["row"], item["is_anomaly"]) for item in queue] == [
        (2, True),
        (3, False),
        (4, False),
        (0, True),
    ]
    assert queue[0]["score"] == pytest.approx(0.8)
    assert queue[0]["values"] == {"amount": 9820.0}
    first = desk.send("GET", f"/labels/queue?run={run}&limit=3").json()
    rest = desk.send("GET", f"/labels/queue?run={run}&limit=3&cursor={first['next_cursor']}").json()
    assert [item["row"] for page in (first, rest) for item in page["items"]] == [2, 3, 4, 0]
    assert rest["has_more"] is False


def test_the_queue_of_all_holds_the_newest_run_of_each_detector_on_each_dataset(desk: LabellingDesk) -> None:
    now, dataset, version, detector = desk.storage.clock(), new_id(), new_id(), new_id()
    of: dict[str, Any] = {"dataset_id": dataset, "dataset_version_id": version}
    older = desk.stored_run(**of, detector_id=detector, created_at=now - timedelta(hours=1))
    newer = desk.stored_run(**of, detector_id=detector)
    elsewhere, alone = desk.stored_run(detector_id=detector), desk.stored_run()
    desk.stored_run(**of, tenant_id=desk.bob.tenant_id)
    desk.label(elsewhere, 1)

    page = desk.send("GET", "/labels/queue?limit=3&count=exact").json()
    found = page["items"]
    while page["has_more"]:
        page = desk.send("GET", f"/labels/queue?limit=3&count=exact&cursor={page['next_cursor']}").json()
        found += page["items"]

    assert page["total"] == 14
    assert [item["distance"] for item in found] == sorted(item["distance"] for item in found)
    places = {(item["run"], item["row"]) for item in found}
    assert len(places) == len(found) == 14
    assert {run for run, _ in places} == {newer, elsewhere, alone}
    assert (elsewhere, 1) not in places
    assert older not in {run for run, _ in places}


def test_a_row_that_two_detectors_keep_stands_in_the_queue_once_as_the_newest_found_it(
    desk: LabellingDesk,
) -> None:
    now = desk.storage.clock()
    of: dict[str, Any] = {"dataset_id": new_id(), "dataset_version_id": new_id()}
    newer = desk.stored_run(**of, detector_id=new_id(), created_at=now)
    for hours in (1, 2):
        desk.stored_run(**of, detector_id=new_id(), created_at=now - timedelta(hours=hours))

    page = desk.send("GET", "/labels/queue?limit=2&count=exact").json()
    found = page["items"]
    while page["has_more"]:
        page = desk.send("GET", f"/labels/queue?limit=2&count=exact&cursor={page['next_cursor']}").json()
        found += page["items"]

    assert [(item["run"], item["row"]) for item in found] == [(newer, row) for row in (2, 3, 1, 4, 0)]
    assert page["total"] == 5


def test_the_queue_of_what_ran_without_a_detector(desk: LabellingDesk) -> None:
    detector = desk.stored_detector()
    named = shown("det", detector)
    alone, of_deleted = desk.stored_run(), desk.stored_run(detector_id=new_id())
    of_detector = desk.stored_run(detector_id=detector)

    found = {
        name: {item["run"] for item in desk.send("GET", f"/labels/queue?detector={name}").json()["items"]}
        for name in ("-", named)
    }

    assert found == {"-": {alone, of_deleted}, named: {of_detector}}


def test_agreement_is_of_rows_that_several_people_labelled(desk: LabellingDesk) -> None:
    run, since = desk.stored_run(), desk.storage.clock() - timedelta(days=1)
    for row, first, second in [(0, "true", "true"), (1, "true", "unsure"), (2, "true", None)]:
        etag = desk.label(run, row, first).headers["etag"]
        if second:
            changed = {"verdict": second, "note": "looked again"}
            sent = desk.send(
                "PUT", f"/runs/{run}/rows/{row}/label", json=changed, who="eva", headers={"If-Match": etag}
            )
            assert sent.status_code == 200, sent.text

    assert desk.labels.precision.agreement(desk.ana.tenant_id, since=since) == Agreement(rows=2, alike=1)
    assert desk.labels.precision.agreement(desk.bob.tenant_id, since=since) == Agreement(rows=0, alike=0)


def test_precision_counts_labels_on_flagged_rows(desk: LabellingDesk) -> None:
    detector, model_version, version = new_id(), new_id(), new_id()
    of: dict[str, Any] = {"detector_id": detector, "model_version_id": model_version}
    of["dataset_version_id"] = version
    run, again = desk.stored_run(**of), desk.stored_run(**of)
    for row, verdict in enumerate(["true", "false_positive", "expected", "true"]):  # row 3 is not flagged
        desk.label(run, row, verdict)
    wanted = [f"run={run}", f"run={again}", f"detector={shown('det', detector)}"]
    for query in [*wanted, f"model_version={shown('mv', model_version)}"]:
        found = desk.send("GET", f"/labels/precision?{query}").json()
        assert (found["true"], found["false_positive"], found["expected"]) == (1, 1, 1)
        assert found["precision"] == 0.5
        assert found["interval"] == pytest.approx([0.0945, 0.9055], abs=1e-4)
    unlabelled = desk.send("GET", f"/labels/precision?run={desk.stored_run()}").json()
    assert (unlabelled["precision"], unlabelled["interval"]) == (None, None)
    every = desk.labels.precision.of_model_versions(desk.ana.tenant_id, None)
    assert [(id_, found.value) for id_, found in every.items()] == [(model_version, 0.5)]
    assert parsed("run", run) in desk.labels.precision.of_runs(desk.ana.tenant_id, None)
