from sqlalchemy import select

from core.application.files import FileKind, TenantFiles
from core.domain.errors import Unavailable
from core.domain.ids import TenantId
from core.infrastructure.database import Database, Purpose
from machine_learning.domain.registry.version import VersionState
from machine_learning.infrastructure.registry.tables import versions


class ModelFilesMissing(Unavailable):
    title = "Models cannot be read"


def check_files(database: Database, files: TenantFiles) -> None:
    """Whether the newest model that may be used can be read, as a sign that all can. Raises ModelFilesMissing."""
    newest = (
        select(versions.c.tenant_id, versions.c.id)
        .where(versions.c.state == VersionState.READY)
        .order_by(versions.c.id.desc())  # ids are made in the order of time
        .limit(1)
    )
    with database.as_system(Purpose.HEALTH) as session:
        row = session.execute(newest).first()
    if row is None:
        return
    path = files.path(TenantId(row.tenant_id), FileKind.MODELS, f"{row.id.hex}.model")
    try:
        path.open("rb").close()
    except OSError as error:
        raise ModelFilesMissing(
            "The file of the newest model cannot be read.",
            fix="Mount the folder data.dir of the installation, or restore a backup.",
        ) from error
