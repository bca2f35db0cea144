"""What operators' commands work on, made for one run of the command line. Importing this imports nothing heavy."""

from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any, cast

from core.presentation.cli import Invocation

if TYPE_CHECKING:
    from core.infrastructure.settings import Settings
    from enterprise.api import TenantDesk
    from interfaces.bootstrap.administration import Administration
    from interfaces.bootstrap.console_jobs import ConsoleJobs
    from interfaces.bootstrap.database import DatabaseOperations
    from interfaces.bootstrap.demo import DemoDesk
    from interfaces.bootstrap.doctor import Finding
    from interfaces.bootstrap.service import Service
    from people_ops.api import PeopleDesk


def database(run: Invocation) -> "DatabaseOperations":
    from interfaces.bootstrap.database import DatabaseOperations

    return DatabaseOperations(_settings(run))


@contextmanager
def administration(run: Invocation) -> Iterator["Administration"]:
    """Without the contexts that compute, on this installation's database, which is made ready first."""
    from interfaces.bootstrap.administration import build_administration
    from interfaces.bootstrap.database import prepare_database

    prepare_database(_settings(run))
    with closing(build_administration(_settings(run))) as built:
        yield built


@contextmanager
def service(run: Invocation) -> Iterator["Service"]:
    """The whole service on this installation's database, which is made ready first."""
    from interfaces.bootstrap.database import prepare_database
    from interfaces.bootstrap.service import build

    prepare_database(_settings(run))
    with closing(build(_settings(run))) as built:
        yield built


@contextmanager
def job_desk(run: Invocation) -> Iterator["ConsoleJobs"]:
    from interfaces.bootstrap.console_jobs import ConsoleJobs

    with administration(run) as built:
        yield ConsoleJobs(built)


@contextmanager
def tenant_desk(run: Invocation) -> Iterator["TenantDesk"]:
    from enterprise.api import Enterprise, TenantDesk
    from people_ops.api import WaysIn

    with administration(run) as built:
        yield TenantDesk(built.bundles[Enterprise], built.bundles[WaysIn].invite_as_operator)


@contextmanager
def people_desk(run: Invocation) -> Iterator["PeopleDesk"]:
    from enterprise.api import Enterprise
    from people_ops.api import PeopleDesk, PeopleOps

    with administration(run) as built:
        built.bundles[Enterprise].ensure_platform()
        yield PeopleDesk(built.bundles[PeopleOps], built.tenant_id)


@contextmanager
def demo_desk(run: Invocation) -> Iterator["DemoDesk"]:
    from interfaces.bootstrap.demo import DemoDesk

    with service(run) as built:
        yield DemoDesk(built)


def work(run: Invocation) -> None:
    """Be a worker until SIGTERM or Ctrl-C."""
    from interfaces.bootstrap.production import require_settings
    from interfaces.bootstrap.worker import work as work_on
    from interfaces.bootstrap.worker_metrics import metrics_served

    require_settings(_settings(run))
    with service(run) as built, metrics_served(built):
        run.console.note("The worker is ready. Ctrl-C stops it.")
        work_on(built)


def reencrypt(run: Invocation) -> int:
    """Of the stored secrets, how many are encrypted by the current key now."""
    from core.domain.actor import Actor
    from core.domain.ids import PLATFORM
    from enterprise.api import Enterprise
    from interfaces.infrastructure.reencryption import reencrypt as encrypt_anew

    with administration(run) as built:
        enterprise: Enterprise = built.bundles[Enterprise]
        enterprise.ensure_platform()
        done = encrypt_anew(built.storage.database, built.cipher)
        enterprise.record_security_event(Actor(tenant_id=PLATFORM), "secrets.reencrypted", {"secrets": done})
    return done


def api_document(run: Invocation) -> "Mapping[str, Any]":
    """Of a service that is built in a folder of its own, and never used."""
    from tempfile import TemporaryDirectory

    from interfaces.bootstrap.administration import public_url
    from interfaces.bootstrap.http import create_app
    from interfaces.bootstrap.service import build
    from interfaces.presentation.openapi import document

    with TemporaryDirectory() as folder:
        elsewhere = {
            "data.dir": (folder, "openapi"),
            "database.url": ("", "openapi"),
            "redis.url": ("", "openapi"),
        }
        settings = _settings(replace(run, flags={**run.flags, **elsewhere}))
        with closing(build(settings)) as built:
            return document(create_app(built), public_url(settings))


def diagnose(run: Invocation) -> "Iterator[Finding]":
    from interfaces.bootstrap.doctor import diagnose as diagnosed

    return diagnosed(_settings(run))


def serve(run: Invocation) -> None:
    """Be the server until SIGTERM or Ctrl-C."""
    from interfaces.bootstrap.serving import serve as serve_on

    serve_on(_settings(run), run.console.note)


def _settings(run: Invocation) -> "Settings":
    return cast("Settings", run.settings)
