"""Ways to what people get by mail, and to codes of an authenticator app."""

import time
from collections.abc import Iterator
from dataclasses import replace

import pytest
from passlib.totp import TOTP

from core.domain.actor import Actor
from core.domain.ids import PLATFORM
from people_ops.api import PeopleOps
from people_ops.application.mail import Mail
from people_ops.domain.permissions import ALL
from tests.support.fakes import FakeJobControl
from tests.support.pages import Pages, opened_pages
from tests.support.tenants import PASSWORD, Person


@pytest.fixture(scope="package")
def browse(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pages]:
    """One for all modules: each makes the people it needs."""
    with opened_pages(tmp_path_factory.mktemp("people")) as pages:
        yield pages


@pytest.fixture(autouse=True)
def patience(browse: Pages) -> None:
    """All tests come from one address, and many are refused."""
    people_of(browse).log_in.attempts.forget("testclient")


def people_of(browse: Pages) -> PeopleOps:
    found: PeopleOps = browse.town.service.bundles[PeopleOps]
    return found


def invitation_path(browse: Pages, email: str, *roles: str, slug: str = "acme") -> str:
    """Where the link of a new invitation leads."""
    inviter = browse.town.person(slug, "tenant_admin")
    actor = Actor(tenant_id=browse.town.tenant(slug), permissions=ALL, user_id=inviter.user_id)
    link = people_of(browse).ways_in.invite(actor, email=email, roles=roles or ("viewer",)).link
    return "//invitation/" + link.rpartition("/")[2]


def reset_path(browse: Pages, email: str) -> str:
    """Where the link for a new password leads."""
    token = f"token-{time.monotonic_ns():040}"
    prepare = replace(people_of(browse).ways_in.prepare_reset, new_token=lambda: token)
    prepare(Actor(tenant_id=PLATFORM), prepare.envelopes.seal(Mail(email, "", "")), FakeJobControl())
    return f"//password-reset/{token}"


def code_of(secret: str, *, seconds: int = 0) -> str:
    """What the app shows so many seconds from now."""
    return str(TOTP(key=secret, format="base32").generate(int(time.time()) + seconds).token)


def with_second_factor(browse: Pages, person: Person) -> tuple[str, list[str]]:
    """The secret and the recovery codes."""
    actor, ways_in = Actor(tenant_id=person.tenant_id, user_id=person.user_id), people_of(browse).ways_in
    secret = ways_in.enrol_second_factor(actor, password=PASSWORD).secret
    return secret, list(ways_in.confirm_second_factor(actor, code=code_of(secret)))
