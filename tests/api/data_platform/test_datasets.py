"""Datasets through their routes, on both databases."""

import gzip
import io
from concurrent.futures import ThreadPoolExecutor

import polars as pl
import pytest

from core.application.quota import Quota
from core.domain.ids import new_id
from core.domain.public_ids import shown
from tests.support.dataset_desk import CSV, DatasetDesk
from tests.support.fakes import FakeAuditLog, FakeQuotas


def test_a_file_becomes_a_version_that_is_profiled_and_read(
    desk: DatasetDesk, audit_log: FakeAuditLog
) -> None:
    uploaded = desk.upload(CSV)
    assert uploaded.status_code == 201
    assert uploaded.json()["rows"] == 3
    assert desk.call("GET", "/datasets/orders/profile").json()["state"] == "pending"
    desk.run_jobs()
    profile = desk.call("GET", "/datasets/orders/profile").json()["profile"]
    assert [column["column"] for column in profile["columns"]] == ["id", "amount", "country"]
    assert desk.call("GET", "/datasets/orders/quality").json()["findings"]
    opened = desk.service.reader.latest(desk.ana.tenant_id, "orders")
    assert pl.concat(opened.table.batches())["amount"].to_list() == [10.5, 20.0, 30.5]
    assert audit_log.actions == ["dataset.created", "dataset_version.created", "dataset_version.profiled"]


def test_the_same_bytes_again_are_the_version_they_were(desk: DatasetDesk, quotas: FakeQuotas) -> None:
    first, again = desk.upload(CSV), desk.upload(CSV)
    assert (again.status_code, again.json()["id"]) == (200, first.json()["id"])
    assert quotas.used[desk.ana.tenant_id, Quota.ROWS_STORED] == 3
    assert len(desk.kept) == 1


def test_the_same_bytes_twice_at_once_are_one_version(desk: DatasetDesk) -> None:
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda _: desk.upload(CSV), range(4)))
    assert {a.status_code for a in answers} <= {200, 201}
    assert len({a.json()["id"] for a in answers}) == 1
    assert len(desk.kept) == 1


def test_a_form_and_a_compressed_body_are_read_too(desk: DatasetDesk) -> None:
    form = desk.call(
        "POST", "/datasets/orders/versions", files={"file": ("../../etc/passwd", CSV, "text/csv")}
    )
    assert (form.status_code, form.json()["rows"]) == (201, 3)
    packed = gzip.compress(CSV + b"4,1.0,IT\n")
    headers = {"Content-Type": "text/csv", "Content-Encoding": "gzip"}
    zipped = desk.call("POST", "/datasets/orders/versions", content=packed, headers=headers)
    assert (zipped.status_code, zipped.json()["rows"]) == (201, 4)


def test_a_dataset_is_created_of_a_file_or_not_at_all(desk: DatasetDesk) -> None:
    made = desk.call("POST", "/datasets/uploads?name=Shop", content=CSV, headers={"Content-Type": "text/csv"})
    assert (made.status_code, made.json()["dataset"]) == (201, "shop")
    bad = desk.call("POST", "/datasets/uploads?name=Bad", content=b"", headers={"Content-Type": "text/csv"})
    assert bad.status_code == 422
    assert desk.call("GET", "/datasets/bad").status_code == 404


def test_added_rows_and_those_before_are_the_next_version(desk: DatasetDesk, quotas: FakeQuotas) -> None:
    desk.upload(CSV)
    added = desk.append(
        b'[{"id": 4, "amount": 5, "country": "IT"}, {"id": 5, "amount": "much", "country": "IT"}]'
    )
    body = added.json()
    assert (body["accepted"], body["rejected"]) == (1, 1)
    assert body["errors"] == [
        {"row": 2, "column": "amount", "detail": "Its values are numbers; this one is not."}
    ]
    rows = desk.call("GET", "/datasets/orders/rows").json()["items"]
    assert [row["values"]["id"] for row in rows] == [1, 2, 3, 4]
    assert desk.call("GET", "/datasets/orders/rows?version=1").json()["items"] == rows[:3]
    assert quotas.used[desk.ana.tenant_id, Quota.ROWS_STORED] == 4


def test_a_batch_with_one_bad_row_can_be_refused_whole(desk: DatasetDesk) -> None:
    desk.upload(CSV)
    batch = b'[{"id": 4, "amount": 1.5}, {"id": 5, "size": 3}]'
    refused = desk.append(batch, query="?on_error=reject_batch")
    assert (refused.status_code, refused.json()["code"]) == (422, "rows_rejected")
    assert refused.json()["errors"][0]["column"] == "size"
    assert desk.call("GET", "/datasets/orders").json()["rows"] == 3


@pytest.mark.parametrize(
    ("content", "kind", "line"),
    [
        (b"id,amount\n4,1\n\n5,much\n", "text/csv", 4),
        (b'{"id": 4, "amount": 1}\n\n{"id": 5, "amount": "much"}\n', "application/x-ndjson", 3),
        (b'[{"id": 4, "amount": 1},\n\n{"id": 5, "amount": "much"}]', "application/json", 2),
    ],
)
def test_a_row_that_does_not_fit_is_named_by_its_line(
    desk: DatasetDesk, content: bytes, kind: str, line: int
) -> None:
    desk.upload(CSV)
    errors = desk.append(content, kind=kind).json()["errors"]
    assert [(each["row"], each["column"]) for each in errors] == [(line, "amount")]


def test_rows_need_an_idempotency_key(desk: DatasetDesk) -> None:
    answer = desk.call("POST", "/datasets/orders/rows", json=[{"a": 1}])
    assert (answer.status_code, answer.json()["code"]) == (400, "idempotency_key_required")


def test_rows_added_at_once_are_all_kept(desk: DatasetDesk) -> None:
    desk.upload(CSV)
    with ThreadPoolExecutor(3) as pool:
        codes = list(pool.map(lambda i: desk.append(b'[{"id": %d}]' % i).status_code, (7, 8, 9)))
    assert codes == [200, 200, 200]
    rows = desk.call("GET", "/datasets/orders/rows").json()["items"]
    assert sorted(row["values"]["id"] for row in rows) == [1, 2, 3, 7, 8, 9]


def test_over_quota_nothing_is_stored(desk: DatasetDesk, quotas: FakeQuotas) -> None:
    quotas.limits = {Quota.ROWS_STORED: 2}
    refused = desk.upload(CSV)
    assert (refused.status_code, refused.json()["limit"]) == (403, 2)
    assert desk.kept == []
    assert desk.call("GET", "/datasets/orders/versions").json()["items"] == []


def test_a_large_file_is_read_by_a_job(desk: DatasetDesk) -> None:
    large = b"id,amount\n" + b"".join(b"%d,%d.5\n" % (i, i) for i in range(600_000))
    uploaded = desk.upload(large)
    assert (uploaded.status_code, uploaded.json()["state"]) == (202, "ingesting")
    assert desk.call("GET", "/datasets/orders/rows?version=1").status_code == 409
    desk.run_jobs()
    assert desk.call("GET", "/datasets/orders").json()["rows"] == 600_000
    assert [name for name in desk.kept if ".raw" in name] == []


def test_rows_are_paged_and_filtered(desk: DatasetDesk) -> None:
    desk.upload(CSV)
    first = desk.call("GET", "/datasets/orders/rows?limit=2").json()
    second = desk.call("GET", f"/datasets/orders/rows?limit=2&cursor={first['next_cursor']}").json()
    assert [row["row"] for row in first["items"] + second["items"]] == [0, 1, 2]
    assert second["has_more"] is False
    german = desk.call("GET", "/datasets/orders/rows?where=country:eq:DE&where=amount:gte:20").json()
    assert [row["row"] for row in german["items"]] == [2]
    facets = desk.call("GET", "/datasets/orders/facets?column=country").json()["items"]
    assert facets == [{"value": "DE", "rows": 2}, {"value": "FR", "rows": 1}]


@pytest.mark.parametrize(
    ("where", "rows"),
    [("day:eq:2024-01-02", [1]), ("day:gte:2024-01-02", [1, 2]), ("at:lte:2024-01-02T10:00:00", [0, 1])],
)
def test_rows_are_found_by_their_day_and_time(desk: DatasetDesk, where: str, rows: list[int]) -> None:
    desk.upload(b"day,at\n" + b"".join(b"2024-01-0%d,2024-01-0%dT10:00:00\n" % (n, n) for n in (1, 2, 3)))
    found = desk.call("GET", "/datasets/orders/rows", params={"where": where}).json()["items"]
    assert [row["row"] for row in found] == rows
    assert desk.call("GET", "/datasets/orders/rows?where=day:eq:soon").status_code == 400


def test_a_version_is_downloaded_in_three_forms_and_runs_no_formula(desk: DatasetDesk) -> None:
    desk.upload(b'name,n,city\n"=1+1",-1,Rome\nb,2,@x\n')
    text = desk.call("GET", "/datasets/orders/file?format=csv").text
    assert text == "name,n,city\n'=1+1,-1,Rome\nb,2,'@x\n"
    parquet = desk.call("GET", "/datasets/orders/file?format=parquet").content
    lines = desk.call("GET", "/datasets/orders/file?format=ndjson").content
    assert pl.read_parquet(io.BytesIO(parquet)).equals(pl.read_ndjson(io.BytesIO(lines)))


def test_a_change_needs_the_version_that_was_read(desk: DatasetDesk) -> None:
    desk.upload(CSV)
    etag = desk.call("GET", "/datasets/orders").headers["ETag"]
    change = {"name": "Orders, EU", "columns": {"id": "id"}}
    assert desk.call("PATCH", "/datasets/orders", json=change, headers={"If-Match": etag}).status_code == 200
    assert desk.call("PATCH", "/datasets/orders", json=change, headers={"If-Match": etag}).status_code == 412
    refused = desk.call("PATCH", "/datasets/orders", json={"columns": {"ignore": ["id", "contry"]}})
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "#/columns/ignore/1")
    assert refused.json()["fix"] == "Did you mean 'country' or 'amount'?"


def test_a_check_is_switched_off_for_a_column_and_on_again(
    desk: DatasetDesk, audit_log: FakeAuditLog
) -> None:
    desk.upload(b"id,amount\n1,7\n2,\n3,7\n")
    desk.run_jobs()
    path = "/datasets/orders/checks"
    before = desk.call("GET", "/datasets/orders/quality").json()
    assert desk.call("PUT", f"{path}/constant", json={"on": False, "column": "amount"}).status_code == 204
    quality = desk.call("GET", "/datasets/orders/quality").json()
    off = [(each["check"], each["column"]) for each in quality["findings"] if not each["on"]]
    assert off == [("constant", "amount")]
    assert quality["quality"] > before["quality"]
    assert all(each["since"]["version"] == 1 for each in quality["findings"] if each["result"] == "failed")
    assert audit_log.entries[-1][1].after == {"check": "constant", "column": "amount", "on": False}

    assert desk.call("PUT", f"{path}/missing", json={"on": False}).status_code == 204
    assert desk.call("GET", "/datasets/orders/quality").json()["quality"] == 100
    for check, column in (("missing", None), ("constant", "amount")):
        desk.call("PUT", f"{path}/{check}", json={"on": True, "column": column})
    assert desk.call("GET", "/datasets/orders/quality").json() == before


@pytest.mark.parametrize(
    "off", [[{"on": False, "column": "amount"}, {"on": False}], [{"on": False, "column": "amount"}]]
)
def test_a_check_that_is_switched_on_without_a_column_is_on_in_all(
    desk: DatasetDesk, off: list[dict[str, object]]
) -> None:
    desk.upload(b"id,amount\n1,7\n2,\n3,7\n")
    desk.run_jobs()
    desk.call("PUT", "/datasets/orders/checks/missing", json={"on": False, "column": "amount"})
    before = desk.call("GET", "/datasets/orders/quality").json()
    for body in [*off, {"on": True}]:
        assert desk.call("PUT", "/datasets/orders/checks/constant", json=body).status_code == 204
    assert desk.call("GET", "/datasets/orders/quality").json() == before


@pytest.mark.parametrize(
    ("who", "dataset", "check", "body", "status"),
    [
        ("ana", "orders", "constant", {"on": False, "column": "amuont"}, 422),
        ("ana", "orders", "taste", {"on": False}, 422),
        ("ana", "orders", "constant", {}, 422),
        ("vic", "orders", "constant", {"on": False}, 403),
        ("eve", "orders", "constant", {"on": False}, 404),
    ],
)
def test_a_switch_that_cannot_be_is_refused(
    desk: DatasetDesk, who: str, dataset: str, check: str, body: dict[str, object], status: int
) -> None:
    desk.upload(CSV)
    answer = desk.call("PUT", f"/datasets/{dataset}/checks/{check}", who=who, json=body)
    assert answer.status_code == status, answer.text


def test_a_deleted_dataset_leaves_no_file_and_gives_its_rows_back(
    desk: DatasetDesk, quotas: FakeQuotas
) -> None:
    desk.upload(CSV)
    desk.append(b'[{"id": 4}]')
    assert desk.call("DELETE", "/datasets/orders").status_code == 204
    assert desk.kept == []
    assert quotas.used[desk.ana.tenant_id, Quota.ROWS_STORED] == 0


def test_another_tenants_dataset_is_answered_as_one_that_is_not(desk: DatasetDesk) -> None:
    version = desk.upload(CSV).json()
    for path in ("", "/versions", "/profile", "/rows", "/file", "/facets?column=id"):
        theirs = desk.call("GET", f"/datasets/{version['dataset_id']}{path}", who="eve")
        random = desk.call("GET", f"/datasets/{shown('ds', new_id())}{path}", who="eve")
        assert (theirs.status_code, theirs.json()["code"]) == (404, "dataset_not_found")
        assert random.json()["title"] == theirs.json()["title"]


def test_a_viewer_writes_nothing(desk: DatasetDesk) -> None:
    assert desk.call("POST", "/datasets", who="vic", json={"name": "x"}).status_code == 403
    answer = desk.call("POST", "/datasets/orders/versions", who="vic", content=CSV)
    assert answer.status_code == 403


def test_rows_whose_file_is_lost_are_unavailable_and_name_no_path(desk: DatasetDesk) -> None:
    desk.upload(CSV)
    for _, _, path in desk.files.of_tenant(desk.ana.tenant_id):
        path.unlink()
    answer = desk.call("GET", "/datasets/orders/rows")
    assert (answer.status_code, answer.json()["code"]) == (503, "rows_lost")
    assert str(desk.files.root) not in answer.text
