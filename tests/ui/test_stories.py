"""What people come for, from beginning to end; each step leaves a screenshot."""

import re
import time
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.support.oidc_provider import CLIENT_ID, CLIENT_SECRET, running_provider
from tests.support.web import Web
from tests.ui.desk import (
    WAIT_S,
    heading,
    is_told,
    joins,
    labels_of,
    meters_csv,
    rows_of,
)

JOB = WAIT_S * 1000


@dataclass
class Told:
    """A story with its pictures."""

    web: Web
    name: str
    numbers: Iterator[int]

    def __call__(self, page: Page, step: str) -> None:
        self.web.shot(page, f"{self.name}-{next(self.numbers)}-{step}")


def story(web: Web, name: str) -> Told:
    return Told(web, name, count(1))


def test_story_first_five_minutes_of_an_analyst(web: Web, tmp_path: Path) -> None:
    shot = story(web, "analyst")
    web.installation.run("tenant", "create", "fresh", "--plan", "enterprise")
    page = joins(web, "fresh", "fay@fresh.example", "analyst")
    expect(page.locator("[data-empty=first-use]")).to_contain_text("Upload CSV")
    shot(page, "nothing-yet")

    page.get_by_role("button", name="Load sample data").click()
    is_told(page, "The sample is loaded")
    expect(page.locator("#answer")).to_contain_text("of 3,000 rows", timeout=JOB)
    shot(page, "what-is-unusual")

    page.keyboard.press("j")
    page.keyboard.press("Enter")
    expect(page.locator("#row-title")).to_contain_text("Why this row scores")
    expect(page.locator("#compared-title")).to_be_visible()
    expect(page.locator("#compared")).to_contain_text(re.compile("would score below 80|No small change"))
    shot(page, "why")
    page.keyboard.press("1")
    expect(labels_of(page)).to_have_count(1)
    expect(page.locator("#precision")).to_contain_text("Precision on 1 label ≥ 80: 1.00")
    page.keyboard.press("2")
    expect(page.locator("#precision")).to_contain_text("Precision on 2 labels ≥ 80: 0.50")
    shot(page, "labelled")

    (tmp_path / "meters.csv").write_bytes(meters_csv())
    page.get_by_role("navigation", name="Main").get_by_role("link", name="Datasets").click()
    page.get_by_role("link", name="Upload a file").click()
    page.set_input_files("[name=file]", tmp_path / "meters.csv")
    shot(page, "own-file")
    page.get_by_role("button", name="Read the rows").click()
    expect(heading(page)).to_have_text("Columns of meters")
    shot(page, "columns")
    page.get_by_role("button", name="Confirm").click()
    expect(page.locator("#quality-title")).to_be_visible(timeout=JOB)
    shot(page, "profile")
    page.get_by_role("button", name="Find anomalies").click()
    expect(page.locator("#answer")).to_contain_text("of 1,500 rows", timeout=JOB)
    assert rows_of(page).count() > 0
    shot(page, "own-result")
    page.get_by_role("navigation", name="Main").get_by_role("link", name="Overview").click()
    expect(page.locator("#attention tbody tr")).to_have_count(2)
    shot(page, "overview")


def test_story_an_admin_invites_a_colleague_who_may_only_look(web: Web) -> None:
    shot = story(web, "invitation")
    admin = web("tenant_admin")
    admin.goto("/t/demo/settings/people")
    admin.get_by_role("link", name=re.compile("Invite")).first.click()
    admin.fill("[name=email]", "vera@demo.example")
    shot(admin, "asked")
    admin.get_by_role("button", name="Invite", exact=True).click()
    is_told(admin, "vera@demo.example is invited.")
    expect(admin.locator("main")).to_contain_text("vera@demo.example")
    shot(admin, "invited")
    admin.locator("tr", has_text="vera@demo.example").get_by_role(
        "button", name=re.compile("ithdraw")
    ).click()

    guest = joins(web, "demo", "vera@demo.example", "viewer")
    shot(guest, "joined")
    run = web.installation.ids["run"]
    guest.goto(f"/t/demo/runs/{run}")
    expect(guest.locator("#answer")).to_contain_text("score 80 or more")
    for control in ("form.answers", "#bulk", "[data-kind=danger]"):
        expect(guest.locator(f"main {control}")).to_have_count(0)
    rows_of(guest).first.locator("td a").first.click()
    expect(guest.locator("#row-title")).to_be_visible()
    expect(guest.locator("#row_label form")).to_have_count(0)
    shot(guest, "may-look")
    guest.goto("/t/demo/datasets")
    expect(guest.get_by_role("link", name="Upload a file")).to_have_count(0)
    answer = guest.goto("/t/demo/datasets/new")
    assert answer is not None
    assert answer.status == 403
    expect(guest.locator("main")).to_contain_text("Roles that may")
    shot(guest, "may-not-write")
    web.complaints.clear()  # the console tells of the 403


def test_story_a_model_is_trained_compared_promoted_and_rolled_back(web: Web) -> None:
    shot = story(web, "model")
    page = web("scientist")
    for number, algorithm in enumerate(("hbos", "ecod"), start=1):
        page.goto("/t/demo/models")
        page.get_by_role("link", name=re.compile("^Train")).first.click()
        page.select_option("[name=dataset]", "card-payments")
        page.locator(f"[name=algorithm][value={algorithm}]").check()
        page.get_by_role("button", name="Next").click()
        page.fill("[name=name]", "story of payments")
        shot(page, f"settings-{number}")
        page.get_by_role("button", name="Train", exact=True).click()
        is_told(page, "Training on card-payments has begun.")
        expect(page.locator(f"tr#v{number}")).to_contain_text(algorithm, timeout=JOB)
    model = page.url.partition("?")[0]
    expect(page.locator("main .page-head .pill")).to_have_text(["champion: version 1"])
    for row in ("v1", "v2"):
        page.locator(f"tr#{row} [type=checkbox]").check()
    page.get_by_role("button", name=re.compile("Compare chosen")).click()
    expect(heading(page)).to_contain_text("versions")
    expect(page.locator("main")).to_contain_text("What differs")
    shot(page, "compared")

    page.goto(f"{model}?v=2")
    shot(page, "challenger")
    page.get_by_role("link", name=re.compile("Make champion")).first.click()
    expect(heading(page)).to_have_text("Make version 2 champion")
    shot(page, "promotion")
    page.get_by_role("button", name="Make it champion").click()
    is_told(page, "Version 2 is champion now.")
    page.get_by_role("link", name="Roll back").click()
    expect(heading(page)).to_have_text("Roll back to version 1")
    page.get_by_role("button", name="Roll back").click()
    is_told(page, "Version 1 is champion again.")
    expect(page.locator("main")).to_contain_text("History")
    shot(page, "rolled-back")


HEADER, TEXT = "flow,heat,site\n", "21.0,sixty,south\n"
RAGGED = f"{HEADER}20.1,60,north\n20.4,61\n{TEXT}20.7,62,east,extra\n"


def test_story_a_wrong_file_is_explained_and_corrected(web: Web, tmp_path: Path) -> None:
    shot = story(web, "wrong-file")
    usual = "".join(f"{20 + n % 9 / 10},{60 + n % 5},north\n" for n in range(200))
    page = web("analyst")
    ragged, mixed, right = (tmp_path / f"{name}.csv" for name in ("ragged", "mixed", "right"))
    ragged.write_text(RAGGED + usual)
    mixed.write_text(HEADER + TEXT + usual)
    right.write_text(HEADER + usual)
    page.goto("/t/demo/datasets/new")
    page.set_input_files("[name=file]", ragged)
    page.fill("[name=name]", "Corrected meters")
    page.get_by_role("button", name="Read the rows").click()
    problems = page.locator("#row-problems")
    expect(problems).to_be_visible(timeout=JOB)
    rows = [text.split("\t") for text in problems.locator("tbody tr").all_inner_texts()]
    assert {row[0] for row in rows} >= {"3", "5"}, rows
    expect(page.locator("#problem")).to_be_focused()
    expect(page.locator("[name=name]")).to_have_value("Corrected meters")
    shot(page, "explained")

    page.set_input_files("[name=file]", mixed)
    page.get_by_role("button", name="Read the rows").click()
    expect(heading(page)).to_have_text("Columns of Corrected meters", timeout=JOB)
    expect(page.locator("main")).to_contain_text(re.compile("heat.*1 of 201 values are not numbers.*sixty"))
    shot(page, "a-text-among-numbers")

    page.goto("/t/demo/datasets/corrected-meters/upload")
    page.set_input_files("[name=file]", right)
    page.get_by_role("button", name="Read the rows").click()
    expect(heading(page)).to_have_text("Columns of Corrected meters", timeout=JOB)
    expect(page.locator("main")).not_to_contain_text("are not numbers")
    shot(page, "corrected")
    page.get_by_role("button", name="Confirm").click()
    expect(page.locator("#quality-title")).to_be_visible(timeout=JOB)
    web.complaints[:] = [each for each in web.complaints if "422" not in each]


def test_story_somebody_comes_in_by_the_identity_provider(web: Web) -> None:
    shot = story(web, "single-sign-on")
    admin = joins(web, "beta", "ida@beta.example", "tenant_admin")
    with running_provider() as provider:
        provider.now = int(time.time())
        provider.claims = {"email": "nina@beta.example", "sub": "nina"}
        admin.goto("/t/beta/settings/sso")
        given = {"issuer": provider.issuer, "client_id": CLIENT_ID, "client_secret": CLIENT_SECRET}
        for name, value in (given | {"domains": "beta.example"}).items():
            admin.fill(f"[name={name}]", value)
        admin.locator("[name=default_roles][value=viewer]").check()
        admin.locator("[name=auto_provision]").check()
        shot(admin, "settings")
        admin.get_by_role("button", name="Save").click()
        is_told(admin, "Single sign-on is set up")

        nina = web("")
        nina.goto("/login?tenant=beta&next=/t/beta/datasets")
        shot(nina, "offered")
        nina.locator("main a.button").click()
        expect(nina).to_have_url(re.compile("/t/beta/datasets$"))
        expect(heading(nina)).to_have_text("Datasets")
        shot(nina, "inside")
        nina.goto("/account")
        expect(nina.locator("main")).to_contain_text("nina@beta.example")
    admin.goto("/t/beta/settings/sso/remove")
    admin.get_by_role("button", name="Remove").click()
    is_told(admin, "Single sign-on is removed.")
