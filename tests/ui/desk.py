"""What tests look at, made through the API, and what people do on many pages."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from playwright.sync_api import Locator, Page, expect

from tests.support.web import Installation, Web

PASSWORD = "brass-kettle-humming-9"  # of people whom tests invite
ROWS, ODD = 1_500, 90
ODD_SITE = "harbour"
WAIT_S = 90  # for jobs, on a machine that does much else


def meters_csv(odd_site: str = ODD_SITE) -> bytes:
    """``ODD`` of ``ROWS`` rows are far off, all of one site."""
    every, quoted = ROWS // ODD, '"' + odd_site.replace('"', '""') + '"'
    lines = ["flow,heat,site"]
    for row in range(ROWS):
        if row % every == 0 and row // every < ODD:
            lines.append(f"{900 + 7 * row},{-500 - 3 * row},{quoted}")
        else:
            site = ("north", "south", "east")[row % 3]
            lines.append(f"{20 + row % 37 / 10},{60 + row % 23 / 10},{site}")
    return "\n".join(lines).encode() + b"\n"


@dataclass(frozen=True, slots=True)
class Desk:
    """Belongings of the demo's, by its API key."""

    at: Installation

    def dataset(self, name: str, rows: bytes) -> str:
        """Its slug, when its rows have been read."""
        with self.at.api() as api:
            made = self._good(api.post("/datasets", json={"name": name}))
            headers = {"Content-Type": "text/csv"}
            self._good(api.post(f"/datasets/{made['id']}/versions", content=rows, headers=headers))
            return str(made["slug"])

    def run(self, dataset: str, **configuration: Any) -> str:
        """Its id, when it is over."""
        with self.at.api() as api:
            made = self._good(api.post("/runs", json={"dataset": dataset} | configuration))
            until(lambda: api.get(f"/runs/{made['id']}").json()["state"] not in ("queued", "running"))
            over = api.get(f"/runs/{made['id']}").json()
            assert over["state"] == "succeeded", over
            return str(made["id"])

    def result(self, name: str) -> str:
        """A run of ``meters_csv``, of a dataset of its own."""
        return self.run(self.dataset(name, meters_csv()), algorithm="ecod", contamination=ODD / ROWS)

    def get(self, path: str, **asked: Any) -> Any:
        with self.at.api() as api:
            return self._good(api.get(path, params=asked))

    def _good(self, answer: Any) -> Any:
        assert answer.status_code < 300, f"{answer.status_code} {answer.text}"
        return answer.json()


def until(is_so: Callable[[], bool]) -> None:
    deadline = time.monotonic() + WAIT_S
    while not is_so():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.1)


def reload_until(page: Page, sought: Locator) -> None:
    """As somebody without JavaScript waits."""

    def is_there() -> bool:
        if not sought.count():
            page.reload()
        return bool(sought.count())

    until(is_there)


def asked_of(page: Page) -> list[tuple[str, str]]:
    """The address's query, in an order that means nothing."""
    return sorted(parse_qsl(urlsplit(page.url).query, keep_blank_values=True))


def heading(page: Page) -> Locator:
    return page.locator("h1")


def rows_of(page: Page) -> Locator:
    return page.locator("#rows tbody tr")


def labels_of(page: Page) -> Locator:
    """Rows of a run that have a label."""
    return page.locator("#rows form.answers:has([aria-pressed=true])")


def is_told(page: Page, words: str) -> None:
    expect(page.locator(".notice").filter(has_text=words)).to_be_visible()


def joins(web: Web, tenant: str, email: str, role: str, page: Page | None = None) -> Page:
    """A page of somebody new in ``tenant``, who has come by an invitation's link."""
    invited = web.installation.run("user", "invite", email, "-t", tenant, "--role", role, "-o", "json")
    page = page or web("")
    page.goto(urlsplit(invited.document["link"]).path)
    page.fill("[name=name]", email.partition("@")[0].capitalize())
    page.fill("[name=password]", PASSWORD)
    page.click("main button")
    expect(heading(page)).to_have_text("Overview")
    return page
