"""Bodies that hurt elsewhere are refused with a problem that names no path of the server."""

import gzip
import io
import json
import time
from dataclasses import asdict

import polars as pl
import pytest

from data_platform.application.refusals import InvalidTable
from tests.support.dataset_desk import CSV, DatasetDesk

PARQUET = io.BytesIO()
pl.DataFrame({"a": [1, 2]}).write_parquet(PARQUET)
BAD = {
    "an empty file": (b"", "text/csv"),
    "a header only": (b"a,b\n", "text/csv"),
    "columns of one name": (b"a,a\n1,2\n", "application/json"),
    "truncated Parquet": (PARQUET.getvalue()[:-20], "application/vnd.apache.parquet"),
    "truncated gzip": (gzip.compress(CSV * 100)[:-30], "text/csv"),
    "deep JSON": (b"[" * 100_000, "application/json"),
    "many columns": (b",".join(b"c%d" % i for i in range(50_000)) + b"\n", "text/csv"),
    "a web page": (b"<!DOCTYPE html>\n<html><body>Sign in, please</body></html>\n", "text/csv"),
    "a zip": (b"PK\x03\x04" + b"\0" * 100, "application/octet-stream"),
    "JSON that is none": (b'[{"a": 1}, {"a": }]', "application/json"),
}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_file_is_a_problem(desk: DatasetDesk, name: str) -> None:
    content, kind = BAD[name]
    answer = desk.upload(content, kind=kind)
    assert answer.status_code in (413, 422), answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert str(desk.files.root) not in answer.text
    assert "staging" not in answer.text
    assert desk.kept == []


def test_a_bomb_is_refused(desk: DatasetDesk) -> None:
    bomb = gzip.compress(b"a\n" + b"1\n" * (40 << 20))
    assert desk.upload(bomb).status_code == 202
    with pytest.raises(Exception, match="Decompressed it has more"):
        desk.run_jobs()
    version = desk.call("GET", "/datasets/orders/versions/1").json()
    assert (version["state"], version["error"]["code"]) == ("failed", "file_too_large")
    assert desk.kept == []
    assert desk.upload(CSV).status_code == 201


def test_an_upload_lists_the_rows_that_are_wrong(desk: DatasetDesk) -> None:
    answer = desk.upload(b"a,b\n1,2\n3\n4,5,6\n")
    wrong = [
        {"row": 3, "column": None, "detail": "It has 1 field instead of 2."},
        {"row": 4, "column": None, "detail": "It has 3 fields instead of 2."},
    ]
    assert (answer.status_code, answer.json()["errors"]) == (422, wrong)
    added = desk.append(b"a,b\n1,2\n3\n4,5,6\n", kind="text/csv")
    assert (added.status_code, added.json()["errors"]) == (422, wrong)


def test_a_large_upload_keeps_the_rows_that_are_wrong(desk: DatasetDesk) -> None:
    assert desk.upload(b"a,b\n" + b"1,2\n" * (3 << 20) + b"3\n").status_code == 202
    with pytest.raises(InvalidTable) as caught:
        desk.run_jobs()
    wrong = {"row": 3 * 2**20 + 2, "column": None, "detail": "It has 1 field instead of 2."}
    assert [asdict(each) for each in caught.value.problems] == [wrong]
    assert desk.call("GET", "/datasets/orders/versions/1").json()["error"]["errors"] == [wrong]


@pytest.mark.parametrize("content", [b"\xef\xbb\xbf" + CSV, CSV.decode().encode("utf-16")])
def test_marks_of_byte_order_are_understood(desk: DatasetDesk, content: bytes) -> None:
    assert [c["name"] for c in desk.upload(content).json()["columns"]] == ["id", "amount", "country"]


def test_a_nul_in_a_column_name_is_no_accident(desk: DatasetDesk) -> None:
    assert desk.upload(b"a\x00b,c\n1,2\n").status_code in (201, 422)
    assert desk.call("GET", "/datasets/a%00b").status_code == 404


WIDE = {f"c{i}": 1 for i in range(20_000)}
TOO_WIDE = {
    "CSV": (",".join(WIDE) + "\n" + ",".join(["1"] * len(WIDE)) + "\n", "text/csv"),
    "JSON": (json.dumps([WIDE]), "application/json"),
    "JSON in columns": (json.dumps({name: [1] for name in WIDE}), "application/json"),
    "JSON in objects": (json.dumps([{"of": WIDE}]), "application/json"),
    "JSON lines": (json.dumps(WIDE) + "\n", "application/x-ndjson"),
    "mixed JSON lines": (json.dumps(WIDE) + '\n{"c0": "x", "c1": [1, {}]}\n', "application/x-ndjson"),
}


@pytest.mark.parametrize("form", TOO_WIDE)
def test_a_table_that_is_too_wide_is_refused_before_its_rows_are_looked_at(
    desk: DatasetDesk, form: str
) -> None:
    content, kind = TOO_WIDE[form]
    started = time.perf_counter()
    answer = desk.upload(content.encode(), kind=kind)

    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_table")
    assert "at most 5,000" in answer.json()["detail"]
    assert time.perf_counter() - started < 5  # looking at the rows of so many columns takes 14


@pytest.mark.parametrize("kind", ["application/x-www-form-urlencoded", "image/png"])
def test_another_media_type_is_not_read(desk: DatasetDesk, kind: str) -> None:
    answer = desk.upload(CSV, kind=kind)
    assert (answer.status_code, answer.json()["code"]) == (415, "unknown_form")


def test_an_upload_over_the_limit_is_too_large(desk: DatasetDesk) -> None:
    assert desk.upload(b"a\n" + b"1" * (65 << 20)).status_code == 413
    assert desk.append(b"[" + b" " * (11 << 20) + b"]").status_code == 413
