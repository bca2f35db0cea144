"""The pages of the documentation: open to everyone, without script, every link leading somewhere."""

import re
from html.parser import HTMLParser

import pytest
from fastapi.testclient import TestClient

from core.presentation.html import POLICY
from interfaces.presentation.docs_guides import guides
from tests.api.platform.test_openapi import app

__all__ = ["app"]
PAGES = [
    "/docs",
    "/docs/reference/datasets",
    "/docs/guides/settings",
    "/problems",
    "/problems/dataset-not-found",
]


OF_THE_DOCUMENTATION = ("/docs", "/problems", "/static", "/openapi.json")


class Marks(HTMLParser):
    """Of a page: its links, ids, tags and attributes."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.ids: list[str] = []
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        for name, value in attrs:
            self.attributes.add(name)
            if name in ("href", "src") and value:
                self.links.append(value)
            if name == "id" and value:
                self.ids.append(value)


@pytest.fixture(scope="module")
def reader(app: object) -> TestClient:
    return TestClient(app)  # type: ignore[arg-type]  # a FastAPI, which the module's fixture cannot say twice


@pytest.mark.parametrize("path", PAGES)
def test_a_page_allows_nothing_inline_and_nothing_from_elsewhere(reader: TestClient, path: str) -> None:
    answer = reader.get(path)
    marks = Marks(answer.text)

    assert answer.status_code == 200
    assert answer.headers["content-security-policy"] == POLICY
    assert not marks.tags & {"style", "iframe"}
    assert "<script>" not in answer.text
    assert not {each for each in marks.attributes if each == "style" or each.startswith("on")}
    assert sorted(marks.ids) == sorted(set(marks.ids))


def test_every_link_between_the_pages_leads_to_one_that_exists(reader: TestClient) -> None:
    seen: dict[str, Marks] = {}
    todo = ["/docs"]
    while todo:
        path = todo.pop()
        answer = reader.get(path)
        assert answer.status_code == 200, path
        is_page = answer.headers["content-type"].startswith("text/html")
        seen[path] = marks = Marks(answer.text if is_page else "")
        ours = {link.partition("#")[0] for link in marks.links if link.startswith(OF_THE_DOCUMENTATION)}
        todo += ours - set(seen) - set(todo)
    for path, marks in seen.items():
        for link in marks.links:
            target, _, anchor = link.partition("#")
            if anchor and link.startswith(("#", *OF_THE_DOCUMENTATION)):
                assert anchor in seen[target or path].ids, (path, link)
    assert len(seen) > 100


def test_the_reference_has_every_operation_with_a_request_to_copy(reader: TestClient) -> None:
    paths = reader.get("/openapi.json").json()["paths"]
    contents = reader.get("/docs").text
    operations = [(m.upper(), path) for path, item in paths.items() for m in item]

    assert contents.count('<span class="method">') == len(operations)
    page = reader.get("/docs/reference/datasets").text
    assert "curl http://127.0.0.1:8000/api/v1/datasets/orders/rows" in page
    assert "datasets:write" in page
    assert "/problems/dataset-not-found" in page


def test_every_guide_is_a_page(reader: TestClient) -> None:
    for name, title in guides().items():
        assert f"<h1>{title}</h1>" in reader.get(f"/docs/guides/{name}").text


@pytest.mark.parametrize(
    "path", ["/docs/guides/..%2Fx", "/docs/guides/nothing", "/problems/x", "/docs/reference/x"]
)
def test_a_page_that_is_none_is_not_found(reader: TestClient, path: str) -> None:
    assert reader.get(path).status_code == 404


def test_style_sheets_are_kept_for_good_under_the_name_of_their_content(reader: TestClient) -> None:
    [sheet] = re.findall(r'href="(/static/app\.css\?v=[0-9a-f]{12})"', reader.get("/docs").text)
    answer = reader.get(sheet)

    assert answer.headers["content-type"].startswith("text/css")
    assert "immutable" in answer.headers["cache-control"]
    assert reader.get("/static/app.css").headers["cache-control"] == "no-cache"
