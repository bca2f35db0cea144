"""What operators' commands work on, made for one run of the command line. Importing this imports nothing heavy."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, cast

from core.presentation.cli import Invocation

if TYPE_CHECKING:
    from core.infrastructure.settings import Settings
    from enterprise.api import TenantDesk
    from interfaces.bootstrap.console_jobs import ConsoleJobs
    from interfaces.bootstrap.database import DatabaseOperations
    from interfaces.bootstrap.service import Service


def database(run: Invocation) -> "DatabaseOperations":
    from interfaces.bootstrap.database import DatabaseOperations

    return DatabaseOperations(_settings(run))


@contextmanager
def service(run: Invocation) -> Iterator["Service"]:
    """The whole service on this installation's database, which is made ready first."""
    from interfaces.bootstrap.database import prepare_database
    from interfaces.bootstrap.service import build

    prepare_database(_settings(run))
    built = build(_settings(run))
    try:
        yield built
    finally:
        built.close()


@contextmanager
def job_desk(run: Invocation) -> Iterator["ConsoleJobs"]:
    from interfaces.bootstrap.console_jobs import ConsoleJobs

    with service(run) as built:
        yield ConsoleJobs(built)


@contextmanager
def tenant_desk(run: Invocation) -> Iterator["TenantDesk"]:
    from enterprise.api import Enterprise, TenantDesk

    with service(run) as built:
        yield TenantDesk(built.bundles[Enterprise])


def work(run: Invocation) -> None:
    """Be a worker until SIGTERM or Ctrl-C."""
    from interfaces.bootstrap.worker import work as work_on

    with service(run) as built:
        run.console.note("The worker is ready. Ctrl-C stops it.")
        work_on(built)


def _settings(run: Invocation) -> "Settings":
    return cast("Settings", run.settings)
