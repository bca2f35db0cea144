from collections import Counter
from collections.abc import Iterator

from sqlalchemy import select

from core.domain.ids import TenantId
from core.infrastructure.database import Database, Purpose
from machine_learning.application.registry.queries import ModelPrecision
from machine_learning.domain.registry.model import CHAMPION
from machine_learning.infrastructure.registry.tables import models, versions

MOST = 2000
MOST_OF_TENANT = 50


def champion_precisions(database: Database) -> Iterator[ModelPrecision]:
    """Of the newest models whose champion was measured on labels."""
    wanted = (
        select(models.c.tenant_id, models.c.id, models.c.aliases, versions.c.number)
        .add_columns(versions.c.algorithm, versions.c.metrics)
        .join(versions, versions.c.model_id == models.c.id)
        .where(versions.c.metrics.is_not(None))
        .order_by(versions.c.id.desc())  # ids are made in the order of time
        .limit(MOST)
    )
    found: Counter[TenantId] = Counter()
    with database.as_system(Purpose.OPERATOR) as session:
        rows = session.execute(wanted).all()
    for row in rows:
        precision = (row.metrics or {}).get("precision")
        if row.aliases.get(CHAMPION) != row.number or not precision or found[row.tenant_id] >= MOST_OF_TENANT:
            continue
        found[row.tenant_id] += 1
        yield ModelPrecision(row.id, row.algorithm, float(precision["value"]))
