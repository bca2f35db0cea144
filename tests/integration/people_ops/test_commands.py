"""``user`` and ``key`` on the machine's own database."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from core.domain.ids import TenantId
from core.presentation.cli import Invocation, command_line
from core.presentation.cli import Settings as CommandSettings
from enterprise.api import NoSuchTenant
from people_ops.api import PeopleDesk
from people_ops.domain.api_key import InvalidExpiry, KeyIsOver, NoSuchKey, NoSuchScope
from people_ops.domain.member import LastAdmin, NoSuchMember
from people_ops.domain.role import NoSuchRole
from people_ops.domain.second_factor import NoSecondFactor
from people_ops.presentation import cli
from people_ops.presentation.key_commands import InvalidTtl
from tests.support.people import House, bearer

Run = Callable[..., Result]


@pytest.fixture
def run(house: House) -> Run:
    def no_settings(_: Invocation) -> CommandSettings:
        raise AssertionError("these commands read no setting themselves")

    def tenant_of(slug: str) -> TenantId:
        found = house.enterprise.tenants.named(slug)
        if found is None:
            raise NoSuchTenant("There is none of that name.")
        return found.id

    @contextmanager
    def desk(_: Invocation) -> Iterator[PeopleDesk]:
        yield PeopleDesk(house.people, tenant_of)

    app = command_line("", version=lambda: "0", load_settings=no_settings)
    cli.add_commands(app, desk)

    def invoke(*arguments: str, tenant: str = "acme") -> Result:
        return CliRunner().invoke(app, ["-o", "json", *arguments, "-t", tenant])

    return invoke


def document(result: Result) -> Any:
    assert result.exception is None
    return json.loads(result.stdout)


def refusal(result: Result) -> type[BaseException]:
    assert result.stdout == ""
    assert result.exception is not None
    return type(result.exception)


def test_members_are_listed_with_what_they_may_do(house: House, run: Run) -> None:
    house.person("ana@acme.io", "viewer", "analyst")
    house.person("elsewhere@other.io", "viewer", tenant_id=house.tenant("other"))
    [listed] = document(run("user", "list"))["items"]
    assert (listed["email"], listed["roles"]) == ("ana@acme.io", ["analyst", "viewer"])
    assert refusal(run("user", "list", tenant="nowhere")) is NoSuchTenant


def test_roles_are_replaced_by_id_or_email(house: House, run: Run) -> None:
    house.person("tom@acme.io", "tenant_admin")
    house.person("ana@acme.io", "viewer")
    roles = ("--role", "analyst", "--role", "data_scientist")
    changed = document(run("user", "role", "Ana@acme.io", *roles))
    assert changed["roles"] == ["analyst", "data_scientist"]
    assert document(run("user", "role", changed["user"], "--role", "viewer"))["roles"] == ["viewer"]
    assert refusal(run("user", "role", "ana@acme.io", "--role", "king")) is NoSuchRole
    assert refusal(run("user", "role", "tom@acme.io", "--role", "viewer")) is LastAdmin
    assert house.audited().count("member.changed") == 2


def test_who_is_disabled_is_out_until_enabled(house: House, run: Run) -> None:
    house.person("tom@acme.io", "tenant_admin")
    house.person("ana@acme.io", "viewer")
    session = house.signed_in("ana@acme.io")
    assert document(run("user", "disable", "ana@acme.io"))["disabled_at"] is not None
    assert house.ask("GET", "/me", session).status_code == 401
    assert document(run("user", "enable", "ana@acme.io"))["disabled_at"] is None
    assert house.log_in("ana@acme.io").status_code == 200


def test_a_person_of_another_tenant_is_not_found(house: House, run: Run) -> None:
    house.person("bob@other.io", "viewer", tenant_id=house.tenant("other"))
    [bob] = document(run("user", "list", tenant="other"))["items"]
    for command in (("role", "--role", "viewer"), ("disable",), ("enable",), ("reset-mfa",)):
        for name in ("bob@other.io", bob["user"]):
            assert refusal(run("user", command[0], name, *command[1:])) is NoSuchMember


def test_a_lost_second_factor_is_taken_away(house: House, run: Run) -> None:
    house.person("ana@acme.io", "viewer")
    house.second_factor("ana@acme.io")
    assert house.log_in("ana@acme.io").status_code == 401
    assert document(run("user", "reset-mfa", "ana@acme.io"))["second_factor"] is False
    assert house.log_in("ana@acme.io").status_code == 200
    assert house.audited().count("second_factor.reset") == 1
    assert refusal(run("user", "reset-mfa", "ana@acme.io")) is NoSecondFactor


def test_a_key_is_printed_once_and_works_until_it_is_revoked(house: House, run: Run) -> None:
    made = document(run("key", "create", "--name", "import", "--scope", "ingest, read", "--ttl", "30d"))
    assert house.ask("GET", "/me", bearer(made["key"])).json()["scopes"] == ["ingest", "read"]
    listed = run("key", "list")
    assert made["key"] not in listed.stdout
    assert [each["id"] for each in document(listed)["items"]] == [made["id"]]
    assert document(run("key", "revoke", made["id"]))["revoked_at"] is not None
    assert house.ask("GET", "/me", bearer(made["key"])).status_code == 401


@pytest.mark.parametrize(
    ("options", "error"),
    [
        (("--scope", "everything"), NoSuchScope),
        (("--scope", "read", "--ttl", "soon"), InvalidTtl),
        (("--scope", "read", "--ttl", "-1d"), InvalidTtl),
        (("--scope", "read", "--ttl", "0d"), InvalidExpiry),
        (("--scope", "read", "--ttl", "99999d"), InvalidExpiry),
    ],
)
def test_what_no_key_can_be_is_refused(run: Run, options: tuple[str, ...], error: type[Exception]) -> None:
    assert refusal(run("key", "create", "--name", "import", *options)) is error


def test_a_rotated_key_is_printed_and_the_old_one_stays_for_a_while(house: House, run: Run) -> None:
    old = document(run("key", "create", "--name", "import", "--scope", "read"))
    new = document(run("key", "rotate", old["id"], "--overlap", "1"))
    assert (new["name"], new["scopes"]) == ("import", ["read"])
    for key in (old, new):
        assert house.ask("GET", "/me", bearer(key["key"])).status_code == 200
    assert refusal(run("key", "rotate", new["id"], "--overlap", "-1")) is InvalidExpiry
    document(run("key", "rotate", new["id"], "--overlap", "0"))
    assert house.ask("GET", "/me", bearer(new["key"])).status_code == 401
    assert refusal(run("key", "rotate", new["id"])) is KeyIsOver


def test_another_tenants_key_is_not_found(house: House, run: Run) -> None:
    house.tenant("other")
    made = document(run("key", "create", "--name", "import", "--scope", "read"))
    assert refusal(run("key", "revoke", made["id"], tenant="other")) is NoSuchKey
    assert refusal(run("key", "rotate", made["id"], tenant="other")) is NoSuchKey
    assert refusal(run("key", "revoke", "key_1")) is NoSuchKey
