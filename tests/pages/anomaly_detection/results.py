"""A run over rows of which some are planted, for tests of its pages."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import uuid4

from core.domain.ids import JobId
from core.domain.public_ids import parsed
from core.infrastructure.job_claims import JobClaims
from tests.support.belongings import made
from tests.support.pages import Browser, Pages

HOSTILE = "<img src=x onerror=alert(1)>"
PLANTED = (7, 50, 120)
ROWS = 200


@dataclass
class Result:
    """A finished run of acme's. ``path`` is below the tenant's."""

    browse: Pages
    run: str
    dataset: str
    browsers: dict[str, Browser] = field(default_factory=dict)

    @property
    def path(self) -> str:
        return f"/runs/{self.run}"

    def answers(self, row: int) -> str:
        """The id of the row's label buttons."""
        return f"label-{self.run[-8:].lower()}-{row}"

    def __call__(self, role: str = "analyst") -> Browser:
        if role not in self.browsers:
            self.browsers[role] = self.browse(role)
        return self.browsers[role]

    def label(self, row: int, verdict: str, **fields: str) -> None:
        answer = self().post(f"{self.path}/rows/{row}/label", {"verdict": verdict} | fields)
        assert answer.status_code == 303, answer.text[:500]

    def history(self, row: int) -> list[str | None]:
        owner = self.browse.acme.owner
        items = owner("GET", f"{self.path}/rows/{row}/label/history").json()["items"]
        return [each["verdict"] for each in items]


def result_of(browse: Pages, *, name: str = "") -> Result:
    """A run of its own: tests change what they like."""
    owner = browse.acme.owner
    dataset = made(owner("POST", "/datasets", json={"name": name or f"pumps {uuid4().hex[:8]}"}))
    upload = {"content": _csv().encode(), "headers": {"Content-Type": "text/csv"}}
    made(owner("POST", f"/datasets/{dataset}/versions", **upload))
    browse.town.work()
    body = {"dataset": dataset, "algorithm": "hbos", "contamination": 0.02}
    run = made(owner("POST", "/runs", json=body))
    browse.town.work()
    return Result(browse, run, dataset)


def _csv() -> str:
    lines = ["flow,heat,site"]
    for row in range(ROWS):
        flow, heat = (900, -500) if row in PLANTED else (20 + row % 7, 60 + row % 5)
        site = HOSTILE if row in PLANTED else ("north", "south")[row % 2]
        lines.append(f"{flow},{heat},{site}")
    return "\n".join(lines) + "\n"


def field_of(text: str, name: str) -> str:
    """The value of a hidden field."""
    found = re.search(rf'name="{name}" value="([^"]*)"', text)
    assert found is not None, f"no field {name}"
    return found[1]


def ids_of(text: str) -> list[int]:
    """Numbers of the rows of the table."""
    return [int(each) for each in re.findall(r'<tr id="row-(\d+)"', text)]


def places_of(text: str) -> list[tuple[str, int]]:
    """Runs and rows of the queue."""
    found = re.findall(r'data-href="[^"]*/runs/(run_\w+)/rows/(\d+)"', text)
    return [(run, int(row)) for run, row in found]


def fail(browse: Pages, run: str, error: dict[str, str], log: Sequence[str] = ()) -> str:
    """As its worker would; the job's id."""
    shown = str(browse.acme.owner("GET", f"/runs/{run}").json()["job_id"])
    job = parsed("job", shown)
    storage = browse.town.service.storage
    claims = JobClaims(storage.database, storage.clock)
    claimed = claims.claim(JobId(job), "tests") if job else None
    assert claimed is not None
    claims.fail(claimed, error, again=False, log=log)
    return shown
