"""The server as a process: started, stopped, started twice, killed."""

import signal
import socket
import threading
from contextlib import closing

from core.domain.actor import Actor
from core.domain.ids import PLATFORM
from enterprise.api import Enterprise
from interfaces.bootstrap.service import build
from tests.support.command_line import CommandLine
from tests.support.installations import settings
from tests.support.served import Served, Servers


def test_it_answers_stops_when_asked_and_keeps_its_data(servers: Servers) -> None:
    first = servers()
    first.start()
    assert first.get("/health").json()["status"] == "up"
    service = build(settings(servers.folder / "var", {}))
    enterprise: Enterprise = service.bundles[Enterprise]
    enterprise.create_tenant(Actor(tenant_id=PLATFORM), "acme")
    assert first.stop() == 0
    again = servers()
    again.start()
    assert enterprise.tenants.named("acme") is not None
    again.process.send_signal(signal.SIGINT)
    assert again.process.wait(60) == 0
    service.close()
    for server in (first, again):
        assert "Traceback" not in server.log.read_text()
        assert '"error"' not in server.log.read_text()


def test_two_that_start_at_once_on_one_folder_both_serve(servers: Servers) -> None:
    pair = [servers(), servers()]
    starting = [threading.Thread(target=server.start) for server in pair]
    for thread in starting:
        thread.start()
    for thread in starting:
        thread.join()
    assert [server.get("/readyz").status_code for server in pair] == [200, 200]
    works = ["job_worker_started" in server.log.read_text() for server in pair]
    assert works.count(True) == 1
    pair[works.index(True)].process.kill()
    wait_for(pair[works.index(False)], "job_worker_started")
    assert "Traceback" not in "".join(server.log.read_text() for server in pair)


def test_a_port_that_is_taken_is_one_clear_error(cli: CommandLine) -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as taken:
        port = taken.getsockname()[1]
        refused = cli.cold("serve", "--port", str(port))
    assert refused.code == 5
    assert f"Port {port} of 127.0.0.1 is in use" in refused.error
    assert not (cli.folder / "var").exists()


def test_it_refuses_to_start_with_unsafe_settings(cli: CommandLine) -> None:
    refused = cli.cold("serve", "--port", "0", env={"ANOMALY_DETECTION_ENV": "production"})
    assert refused.code == 2
    assert "jwt.secret_key is not set" in refused.error
    assert not (cli.folder / "var").exists()


def test_a_data_folder_that_cannot_be_made_is_the_operators_to_mend(cli: CommandLine) -> None:
    (cli.folder / "file").write_text("no folder")
    refused = cli(
        "serve", "--port", "0", env={"ANOMALY_DETECTION_DATA_DIR": str(cli.folder / "file" / "var")}
    )
    assert refused.code == 5
    assert "Set data.dir" in refused.error


def wait_for(server: Served, words: str) -> None:
    for _ in range(600):
        if words in server.log.read_text():
            return
        threading.Event().wait(0.1)
    raise AssertionError(server.log.read_text())
