"""Another threshold of a stored version over HTTP."""

import pytest
from fastapi.testclient import TestClient

from core.domain.ids import new_id
from core.domain.public_ids import shown
from tests.api.machine_learning.test_registry_routes import V1, as_
from tests.support.registry import Desk


def test_a_versions_threshold_is_moved_by_who_read_it(desk: Desk, client: TestClient) -> None:
    desk.trained()
    version = f"{V1}/models/pumps/versions/1"
    place, etag = f"{version}/threshold", client.get(version).headers["ETag"]
    trained = client.get(version).json()["alert_rate"]
    unread = client.put(place, json={"alert_rate": 0.2})
    assert (unread.status_code, unread.json()["code"]) == (428, "version_needed")
    moved = client.put(place, json={"alert_rate": 0.2}, headers={"If-Match": etag})
    assert (moved.json()["alert_rate"], moved.json()["previous_alert_rate"]) == (0.2, trained)
    assert client.put(place, json={"score": 0.9}, headers={"If-Match": etag}).status_code == 412
    why = {"score": 0.9, "note": "Too many alerts."}
    higher = client.put(place, json=why, headers={"If-Match": moved.headers["ETag"]})
    assert higher.json()["alert_rate"] == pytest.approx(0.05)
    back = client.delete(place, headers={"If-Match": higher.headers["ETag"]})
    assert back.json()["alert_rate"] == 0.2
    moves = client.get(f"{V1}/models/pumps/threshold-history").json()["items"]
    assert [move["reason"] for move in moves] == ["undone", "moved", "moved"]
    assert [move["note"] for move in moves] == ["", "Too many alerts.", ""]
    assert moves[0]["moved_by"]["user_id"] == shown("usr", desk.ana.user_id or new_id())


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({}, "invalid_request"),
        ({"alert_rate": 0.1, "score": 0.9}, "invalid_request"),
        ({"alert_rate": 0.6}, "invalid_request"),
        ({"alert_rate": 1e-13}, "invalid_threshold"),
        ({"score": 1.0}, "invalid_request"),
        ({"score": 1e-9}, "invalid_threshold"),
        ({"score": 0.9, "note": "n" * 501}, "invalid_request"),
        ({"score": 0.9, "note": "two\nlines"}, "invalid_request"),
        ({"score": 0.9, "note": "turned\u202eround"}, "invalid_request"),
    ],
)
def test_a_threshold_that_cannot_be_is_refused(
    desk: Desk, client: TestClient, body: dict[str, float], code: str
) -> None:
    desk.trained()
    answer = client.put(f"{V1}/models/pumps/versions/1/threshold", json=body, headers={"If-Match": '"1"'})
    assert (answer.status_code, answer.json()["code"]) == (422, code)


@pytest.mark.parametrize(
    ("role", "status"), [("viewer", 403), ("analyst", 403), ("data_scientist", 200), ("operator", 403)]
)
def test_who_may_move_a_versions_threshold(desk: Desk, client: TestClient, role: str, status: int) -> None:
    desk.trained()
    headers = as_(role) | {"If-Match": '"1"'}
    place = f"{V1}/models/pumps/versions/1/threshold"
    assert client.put(place, json={"alert_rate": 0.2}, headers=headers).status_code == status
