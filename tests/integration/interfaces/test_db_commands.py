"""``db`` as its users run it."""

from tests.support.command_line import CommandLine


def test_from_nothing_to_a_restored_copy(cli: CommandLine) -> None:
    before = cli.cold("db", "status", "-o", "json")
    assert (before.code, before.document["current"], before.document["revision"]) == (6, False, None)
    assert cli.cold("db", "migrate", "-o", "json").document["current"]
    assert cli("db", "status").code == 0
    backup = cli.cold("db", "backup", "copy.zip", "-o", "json")
    assert (backup.document["rows"], "keys" in backup.err) == (0, True)
    assert cli("db", "backup", "copy.zip").code == 5
    assert cli.cold("db", "restore", "copy.zip").code == 0
    assert cli("db", "restore", "absent.zip").code == 3
    assert cli.cold("db", "reencrypt", "-o", "json").document["secrets"] == 0
    assert (cli.folder / "var").stat().st_mode & 0o777 == 0o700


def test_a_server_that_does_not_answer(cli: CommandLine) -> None:
    url = "postgresql://anom:secret@127.0.0.1:1/anom"
    failed = cli("db", "status", env={"ANOMALY_DETECTION_DATABASE_URL": url})
    assert failed.code == 6
    assert "doctor" in failed.error
    assert "secret" not in failed.err
