"""Every list says how many there are, where somebody asks."""

from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute, iter_route_contexts

from core.presentation.http import dependants
from tests.security.test_isolation import OTHERS
from tests.support.belongings import Belongings, belongings
from tests.support.routes import StatedRoute, stated_routes
from tests.support.tenants import Town

CSV = {"Content-Type": "text/csv"}


@pytest.fixture
def mine(town: Town) -> Belongings:
    return belongings(town, "alpha")


def lists(app: Any) -> list[StatedRoute]:
    """Routes that answer with pages, but for those of operators."""
    assert isinstance(app, FastAPI)
    paged = {
        context.path
        for context in iter_route_contexts(app.routes)
        if isinstance(context.original_route, APIRoute)
        and any(
            field.alias == "cursor" for part in dependants(context.dependant) for field in part.query_params
        )
    }
    found = [route for route in stated_routes(app) if route.path in paged and "/api/v1/" in route.path]
    return [route for route in found if "/admin/" not in route.path]


def test_every_list_counts_its_rows(town: Town, mine: Belongings) -> None:
    found = lists(town.client.app)
    wrong = []
    for route in found:
        of_run = "/training-runs/" in route.path
        ids = {**OTHERS, **mine.ids} | ({"run": mine.ids["training-run"]} if of_run else {})
        path = route.filled(ids)
        asked = {"run": mine.ids["run"]} if path.endswith("/labels/queue") else {}
        rows = mine.owner("GET", path, params={"limit": 500} | asked).json()
        counted = mine.owner("GET", path, params={"limit": 1, "count": "exact"} | asked).json()
        assert rows["total"] is None
        if (counted["total"], counted["total_is"]) != (len(rows["items"]), "exact"):
            wrong.append((route.name, counted["total"], len(rows["items"])))
    assert len(found) > 15
    assert wrong == []


def test_a_total_is_of_the_rows_that_match(mine: Belongings) -> None:
    def total(path: str, **wanted: str) -> object:
        return mine.owner("GET", path, params={"count": "exact", "limit": 1} | wanted).json()["total"]

    rows = f"/datasets/{mine.ids['dataset']}/rows"
    assert (total(rows), total(rows, where="pump:eq:p1"), total(rows, where="heat:gte:64")) == (40, 1, 8)
    assert (total("/datasets", q=mine.marker), total("/datasets", q="nothing")) == (1, 0)
    assert total("/jobs", state="queued") == 0


def test_an_estimate_stops_counting(mine: Belongings) -> None:
    datasets = mine.owner("GET", "/datasets", params={"count": "estimate"}).json()
    assert (datasets["total"], datasets["total_is"]) == (1, "exact")
    many = mine.owner(
        "POST", "/datasets/uploads?name=many", content=b"a\n" + b"1\n" * 12_000, headers=CSV
    ).json()
    rows = mine.owner("GET", f"/datasets/{many['dataset']}/rows", params={"count": "estimate"}).json()
    assert (rows["total"], rows["total_is"]) == (10_000, "at_least")


def test_another_way_of_counting_is_refused(mine: Belongings) -> None:
    assert mine.owner("GET", "/jobs", params={"count": "all"}).status_code == 422
