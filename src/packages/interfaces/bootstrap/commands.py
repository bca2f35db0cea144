"""The command line: puts the contexts' commands together. Importing this imports nothing heavy."""

import os
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from anomaly_detection.presentation.cli import add_commands as detection_commands
from core.presentation.cli import Invocation, command_line
from data_platform.presentation.cli import add_commands as data_commands
from enterprise.presentation.audit_cli import add_commands as audit_commands
from enterprise.presentation.cli import add_commands as tenant_commands
from interfaces.bootstrap import contexts, operations
from interfaces.presentation.cli import add_commands, version
from interfaces.presentation.db_commands import add_commands as database_commands
from interfaces.presentation.demo_commands import add_commands as demo_commands
from interfaces.presentation.doctor_command import add_commands as doctor_command
from interfaces.presentation.job_commands import add_commands as job_commands
from interfaces.presentation.serve_commands import add_commands as serve_commands
from machine_learning.presentation.cli import add_commands as learning_commands
from people_ops.presentation.cli import add_commands as people_commands

if TYPE_CHECKING:
    from core.infrastructure.settings import Settings

ABOUT = """Find the anomalies of any table, with reasons.

\b
  anomaly_detection detect --input data.csv
  anomaly_detection detect --input data.csv --top 5 -o json
  anomaly_detection train --data normal.parquet --model pump.model
  anomaly_detection detect --input today.parquet --model pump.model --output scored.parquet
"""


def build() -> typer.Typer:
    """The whole command line."""
    app = command_line(ABOUT, version=version, load_settings=load_settings)
    detection_commands(app, contexts.anomaly_detection, contexts.data_platform)
    learning_commands(app, contexts.machine_learning, contexts.anomaly_detection, contexts.data_platform)
    data_commands(app, contexts.data_platform)
    database_commands(app, operations.database, operations.reencrypt)
    serve_commands(app, operations.serve, operations.api_document)
    doctor_command(app, operations.diagnose)
    job_commands(app, operations.job_desk, operations.work)
    tenant_commands(app, operations.tenant_desk)
    audit_commands(app, operations.tenant_desk)
    people_commands(app, operations.people_desk)
    demo_commands(app, operations.demo_desk)
    add_commands(app, load_settings)
    return app


def load_settings(invocation: Invocation) -> "Settings":
    """From flags, environment and files; logging starts with them."""
    from core.infrastructure.logging import start_logging
    from core.infrastructure.settings import Settings
    from core.infrastructure.settings_sources import DEFAULT

    settings = Settings.load(
        flags=invocation.flags, environment=os.environ, named=invocation.config, folder=Path.cwd()
    )
    level = "WARNING" if settings.origin("log.level") == DEFAULT else settings.get("log.level")
    start_logging(level, settings.get("log.format"))
    return settings
