"""Sources of tenants: what they may reach, and what of them is ever shown."""

from pathlib import Path

import pytest
from sqlalchemy import select

from core.domain.errors import DomainError
from core.infrastructure.database import Purpose
from core.infrastructure.sql import Storage
from data_platform.infrastructure.datasets.tables import sources
from data_platform.infrastructure.datasets.tenant_databases import TenantDatabases
from data_platform.infrastructure.readers.spool import SpoolSettings
from tests.support.dataset_desk import DatasetDesk, dataset_desk
from tests.support.fakes import FakeAuditLog

URL = "postgresql://reader:top-secret@127.0.0.1:1/shop"
REFUSED_AT_ONCE = [
    "sqlite:////etc/passwd",
    "http://127.0.0.1/",
    "postgresql+psycopg2://u@db.example/x",
    "postgresql:///shop",
    "postgresql:///shop?host=/tmp",
    "postgresql://%2Ftmp/shop",
    "postgresql://a.example,127.0.0.1/shop",
    "postgresql://db.example/shop?host=127.0.0.1",
    "postgresql://db.example/shop?hostaddr=127.0.0.1",
    "postgresql://db.example/shop?service=x",
    "postgresql://db.example/shop?passfile=/etc/passwd",
    "postgresql://db.example/shop?sslkey=/etc/ssl/key",
    "mysql://db.example/shop?local_infile=1",
    "mysql://db.example/shop?read_default_file=/etc/passwd",
    "postgresql://db.example",
]
PRIVATE_HOSTS = [
    "127.0.0.1", "[::1]", "169.254.169.254", "10.1.2.3", "192.168.0.1", "0.0.0.0", "2130706433", "0x7f000001",
    "0177.0.0.1", "127.1", "localhost", "[::ffff:127.0.0.1]", "[fd00::1]",
]  # fmt: skip


@pytest.mark.parametrize("url", REFUSED_AT_ONCE)
def test_a_url_that_could_reach_more_than_one_host_is_refused(desk: DatasetDesk, url: str) -> None:
    answer = desk.call("POST", "/sources", json={"name": "Shop", "url": url})
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_database_url")


@pytest.mark.parametrize("scheme", ["postgresql", "mysql"])
@pytest.mark.parametrize("host", PRIVATE_HOSTS)
def test_a_host_that_only_the_server_reaches_is_refused(host: str, scheme: str) -> None:
    databases = TenantDatabases((), SpoolSettings())
    with pytest.raises(DomainError) as refused:
        databases.fetch(f"{scheme}://u:p@{host}:5432/shop", "SELECT 1 AS one")
    assert type(refused.value).__name__ == "HostNotAllowed"


def test_the_url_is_encrypted_and_never_shown(desk: DatasetDesk, audit_log: FakeAuditLog) -> None:
    made = desk.call("POST", "/sources", json={"name": "Shop", "url": URL})
    assert (made.status_code, made.json()["place"]) == (201, "127.0.0.1:1/shop")
    shown = made.text + desk.call("GET", "/sources").text + repr(audit_log.entries)
    with desk.storage.database.as_system(Purpose.SWEEP) as session:
        stored = session.scalars(select(sources.c.url)).one()
    assert "top-secret" not in shown + stored
    assert desk.call("GET", "/sources/shop", who="eve").status_code == 404
    assert desk.call("POST", "/sources", who="vic", json={"name": "B", "url": URL}).status_code == 403


def test_trying_a_source_connects_to_no_private_address(desk: DatasetDesk) -> None:
    desk.call("POST", "/sources", json={"name": "Shop", "url": URL})
    answer = desk.call("POST", "/sources/shop/test")
    assert (answer.status_code, answer.json()["code"]) == (422, "host_not_allowed")
    assert "top-secret" not in answer.text


@pytest.mark.parametrize("query", ["DELETE FROM orders", "SELECT 1; DROP TABLE orders", "COPY x TO '/tmp/x'"])
def test_a_query_only_reads(desk: DatasetDesk, query: str) -> None:
    desk.call("POST", "/sources", json={"name": "Shop", "url": URL})
    answer = desk.call("POST", "/datasets/orders/fetches", json={"source": "shop", "query": query})
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_query")


def test_rows_are_fetched_from_an_allowed_server(storage: Storage, tmp_path: Path, tcp_postgres: str) -> None:
    desk = dataset_desk(storage, tmp_path / "files", networks=("127.0.0.0/8",))
    desk.call("POST", "/datasets", json={"name": "Orders"})
    made = desk.call("POST", "/sources", json={"name": "Shop", "url": tcp_postgres})
    assert made.status_code == 201, made.text
    assert desk.call("POST", "/sources/shop/test").json() == {"reachable": True}
    query = "SELECT g AS id, g * 1.5 AS amount FROM generate_series(1, 5000) g -- all of them"
    with pytest.raises(DomainError, match="NUL"):
        desk.service.look_at_source(desk.ana, "shop", query="SELECT '\x00'")
    first = desk.service.look_at_source(desk.ana, "shop", query=query)
    assert (first.row_count(), list(first.schema)) == (1_000, ["id", "amount"])
    for _ in range(2):
        asked = desk.call("POST", "/datasets/orders/fetches", json={"source": "shop", "query": query})
        assert (asked.status_code, asked.headers["location"][:16]) == (202, "/api/v1/jobs/job")
        desk.run_jobs()
    versions = desk.call("GET", "/datasets/orders/versions").json()["items"]
    assert [(v["rows"], v["origin"], v["source"]["source"]) for v in versions] == [(5_000, "fetch", "shop")]


def test_a_fetch_ends_at_its_limits(tcp_postgres: str) -> None:
    databases = TenantDatabases(("127.0.0.0/8",), SpoolSettings(), seconds=1, rows=100)
    with pytest.raises(DomainError, match="more than 100"):
        databases.fetch(tcp_postgres, "SELECT g FROM generate_series(1, 101) g")
    with pytest.raises(DomainError, match="statement timeout") as caught:
        databases.fetch(tcp_postgres, "SELECT pg_sleep(5)")
    assert "fewer rows" in caught.value.fix
