"""The documentation for who is signed in: examples have the reader's own names."""

from people_ops.domain.permissions import Role
from tests.support.pages import Pages

RUNS, GUIDE, OPERATORS = "//docs/reference/runs", "//docs/guides/tenants", "//docs/guides/operators"


def test_examples_name_the_readers_host_tenant_and_dataset(browse: Pages) -> None:
    ana = browse.again(Role.ANALYST)
    newest = ana.get("/datasets.json?limit=1").json()["items"][0]["slug"]
    rows = ana.get("//docs/reference/datasets").text
    assert f"curl https://localhost/api/v1/datasets/{newest}/rows" in rows
    assert f"&#34;dataset&#34;: &#34;{newest}&#34;" in ana.get(RUNS).text
    guide = ana.get(GUIDE).text
    assert "api=https://localhost/api/v1" in guide
    assert f"&quot;dataset&quot;: &quot;{newest}&quot;" in guide
    assert "user invite bob@acme.example --role viewer -t acme" in ana.get(OPERATORS).text
    bob = browse.again(Role.VIEWER, slug="bravo")
    assert "user invite bob@acme.example --role viewer -t bravo" in bob.get(OPERATORS).text


def test_strangers_and_operators_read_them_as_they_are_written(browse: Pages) -> None:
    stranger, operator = browse.stranger(), browse.again(Role.OPERATOR, slug="platform")
    assert "/api/v1/datasets/orders/rows" in stranger.get("//docs/reference/datasets").text
    assert "api=http://127.0.0.1:8000/api/v1" in stranger.get(GUIDE).text
    assert "-t acme" in operator.get(OPERATORS).text
    assert "api=https://localhost/api/v1" in operator.get(GUIDE).text


def test_an_odd_host_is_text(browse: Pages) -> None:
    ana = browse.again(Role.ANALYST)
    answer = ana.get(GUIDE, headers={"Host": 'localhost"><img src=x>'})
    assert "<img src=x>" not in answer.text


def test_who_may_not_see_datasets_reads_no_name_of_one(browse: Pages) -> None:
    admin = browse.again(Role.TENANT_ADMIN)
    newest = admin.get("/datasets.json?limit=1").json()["items"][0]["slug"]
    assert (
        admin.post("/settings/roles/new", {"name": "porter", "permissions": ["jobs:read"]}).status_code == 303
    )
    rows = browse("porter").get("//docs/reference/datasets").text
    assert "/api/v1/datasets/orders/rows" in rows
    assert newest not in rows
