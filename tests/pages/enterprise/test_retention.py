"""How long a tenant keeps what it has."""

import re

import pytest

from people_ops.domain.permissions import Role
from tests.support.pages import Browser, Pages

DAYS = {
    "days_results": "100",
    "days_points": "90",
    "days_jobs": "90",
    "days_audit": "400",
    "days_exports": "7",
}
RIGHT = DAYS | {"name": "Keepers", "low": "50", "high": "90", "critical": "95"}


@pytest.fixture(scope="module")
def admin(browse: Pages) -> Browser:
    return browse(Role.TENANT_ADMIN, slug="keepers")


def version_of(admin: Browser) -> str:
    found = re.search(r'name="version" value="(\d+)"', admin.get("/settings/retention").text)
    assert found is not None
    return found[1]


def test_the_settings_are_stored_unless_somebody_was_faster(admin: Browser) -> None:
    version = version_of(admin)
    page = admin.follow(admin.post("/settings/retention", RIGHT | {"version": version}))
    assert "The settings are stored." in page.text
    assert 'value="400"' in page.text
    late = admin.post("/settings/retention", RIGHT | {"version": version, "name": "Late"})
    assert late.status_code == 409
    assert 'value="Late"' in late.text
    assert admin.post("/settings/retention", RIGHT | {"version": "odd"}).status_code == 303


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("days_audit", "29", "from 30 to 3,650"),
        ("days_results", "0", "from 1 to 3,650"),
        ("days_jobs", "many", "from 1 to 3,650"),
        ("name", "", "A tenant has a name."),
        ("name", "a\u200bb", "Each can be seen."),
        ("low", "85", "Low must be below 80"),
    ],
)
def test_a_wrong_field_is_marked_and_keeps_its_value(
    admin: Browser, field: str, value: str, words: str
) -> None:
    answer = admin.post("/settings/retention", RIGHT | {field: value, "version": version_of(admin)})
    assert answer.status_code == 422
    found = re.search(rf'id="field-{field}-error">([^<]+)<', answer.text)
    assert found is not None
    assert words in found[1]
    assert f'href="#field-{field}"' in answer.text
    assert f'value="{value}"' in answer.text


def test_retention_is_for_administrators(browse: Pages) -> None:
    viewer = browse.again(Role.VIEWER)
    assert viewer.get("/settings/retention").status_code == 403
    assert viewer.post("/settings/retention", RIGHT).status_code == 403
