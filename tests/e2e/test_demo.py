"""The demo, as `make run` loads and serves it."""

import re
import stat

import httpx

from interfaces.bootstrap.demo import DemoDesk
from tests.support.command_line import CommandLine
from tests.support.served import Servers
from tests.support.tenants import Town


def test_the_demo_is_there_once_and_its_people_can_sign_in(cli: CommandLine, servers: Servers) -> None:
    here = {"ANOMALY_DETECTION_DATA_DIR": str(servers.folder / "var")}
    loaded = cli.cold("demo", "load", "-o", "json", env=here)
    assert loaded.code == 0
    access = loaded.document
    file = servers.folder / "var" / "demo.txt"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert access["password"] in file.read_text()
    again = cli("demo", "load", env=here)
    assert (again.code, again.out) == (0, "")
    assert str(file) in again.err

    server = servers()
    server.start()
    api = httpx.Client(
        base_url=f"{server.url}/api/v1", headers={"Authorization": f"Bearer {access['api_key']}"}, timeout=30
    )
    run, _ = api.get("/runs").json()["items"]
    assert run["state"] == "succeeded"
    worst = api.get(f"/runs/{run['id']}/anomalies?limit=10").json()["items"]
    assert any(re.search("far above its usual", row["reason"]) for row in worst)
    assert api.get("/models").json()["items"][0]["aliases"] == {"champion": 1, "challenger": 2}
    for email in access["people"]:
        tenant = "platform" if "operator" in email else "demo"
        form = {"username": email, "password": access["password"], "tenant": tenant}
        assert api.post("/auth/token", data=form).status_code == 200, email
    api.close()
    server.stop()

    purged = cli.cold("demo", "purge", env=here)
    assert purged.code == 0, purged.err
    assert not file.exists()
    assert "demo" not in cli.cold("tenant", "list", env=here).out.split()


def test_a_demo_that_was_purged_can_be_loaded_anew_with_new_passwords(town: Town) -> None:
    desk = DemoDesk(town.service)
    first = desk.load()
    desk.purge()
    second = desk.load()
    assert first is not None
    assert second is not None
    form = {"username": "ana@demo.example", "tenant": "demo"}
    status = [
        town.client.post("/api/v1/auth/token", data=form | {"password": access.password}).status_code
        for access in (first, second)
    ]
    assert status == [401, 200]
