import socket
from contextlib import closing
from pathlib import Path

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.handlers import Sink

from core.infrastructure.settings import Settings
from interfaces.bootstrap.database import DatabaseOperations
from interfaces.bootstrap.doctor import CHECKS, Finding, diagnose
from interfaces.bootstrap.service import build
from tests.support.breakable import Redis
from tests.support.command_line import CommandLine
from tests.support.installations import NewInstallation

NOWHERE = "postgresql://nobody:geheim@127.0.0.1:1/nothing"


def found(settings: Settings) -> dict[str, Finding]:
    return {finding.check: finding for finding in diagnose(settings)}


def changed(settings: Settings, **variables: str) -> Settings:
    """The same installation with other settings: ``jwt__secret_key``."""
    kept = {path: str(settings.get(path)) for path in ("data.dir", "database.url", "database.system_url")}
    environment = {f"ANOMALY_DETECTION_{path.replace('.', '__').upper()}": v for path, v in kept.items()}
    environment |= {f"ANOMALY_DETECTION_{name.upper()}": value for name, value in variables.items()}
    return Settings.load(environment=environment, folder=settings.get("data.dir"))


def test_an_installation_that_is_well_has_nothing_to_mend(new_installation: NewInstallation) -> None:
    settings = new_installation()
    settings.get("data.dir").chmod(0o700)
    DatabaseOperations(settings).migrate()
    build(settings).close()
    findings = found(settings)
    assert list(findings) == list(CHECKS)
    assert [finding for finding in findings.values() if not finding.ok] == []


def test_one_that_never_started_is_well_and_stays_untouched(cli: CommandLine) -> None:
    done = cli.cold("doctor", "-o", "json")
    assert done.code == 0
    assert {item["ok"] for item in done.document["items"]} == {True}
    assert list(cli.folder.iterdir()) == []


def test_what_is_away_is_named_with_what_to_do_and_no_secret(cli: CommandLine) -> None:
    variables = {
        "DATABASE_URL": NOWHERE,
        "DATABASE_SYSTEM_URL": NOWHERE,
        "REDIS_URL": "redis://:geheim@127.0.0.1:1/0",
        "ANOMALY_DETECTION_MAIL_HOST": "127.0.0.1",
        "ANOMALY_DETECTION_MAIL_PORT": "1",
        "JWT_SECRET_KEY": "geheim",
    }
    done = cli("doctor", env=variables)
    assert done.code == 6
    failing = {line.split()[1] for line in done.out.splitlines() if line.startswith("✘")}
    assert failing == {"secrets", "database", "migrations", "roles", "clock", "redis", "queue", "mail"}
    assert "geheim" not in done.out + done.err
    assert all(line.rstrip().endswith(".") for line in done.out.splitlines() if line.startswith("✘"))


def test_tables_that_are_missing_are_made_by_hand_on_postgresql(new_postgresql: NewInstallation) -> None:
    missing = found(new_postgresql())["migrations"]
    assert not missing.ok
    assert missing.fix == "Run: anomaly_detection db migrate"


def test_roles_that_could_pass_row_level_security_are_refused(new_postgresql: NewInstallation) -> None:
    settings = new_postgresql()
    owner = changed(settings, database__url=settings.get("database.migration_url"))
    DatabaseOperations(settings).migrate()
    assert "owns tables" in found(owner)["roles"].detail


def test_a_data_folder_that_others_can_read_or_nobody_can_write_is_found(
    new_sqlite: NewInstallation, tmp_path: Path
) -> None:
    settings = new_sqlite()
    settings.get("data.dir").chmod(0o755)
    assert "chmod 700" in found(settings)["storage"].fix
    file = tmp_path / "file"
    file.write_text("no folder")
    for nowhere in (file, file / "below"):
        assert not found(changed(settings, data__dir=str(nowhere)))["storage"].ok


@pytest.mark.parametrize("variables", [{"redis__url": "http://x"}, {"api__workers": "2"}])
def test_settings_that_cannot_work_are_found(new_sqlite: NewInstallation, variables: dict[str, str]) -> None:
    assert not found(changed(new_sqlite(), **variables))["settings"].ok


def test_redis_and_a_mail_server_that_answer_are_well(
    new_sqlite: NewInstallation, redis_server: Redis
) -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as free:
        port = free.getsockname()[1]
    mail = Controller(Sink(), hostname="127.0.0.1", port=port)
    mail.start()
    settings = changed(
        new_sqlite(), redis__url=redis_server.url, mail__host="127.0.0.1", mail__port=str(port)
    )
    findings = found(settings)
    mail.stop()
    assert [findings[name].ok for name in ("redis", "queue", "mail")] == [True] * 3
    assert findings["queue"].detail == "0 messages wait"
