"""How much there is of what this context keeps, over all tenants."""

from sqlalchemy import func, select

from core.infrastructure.database import Database, Purpose
from enterprise.application.upkeep import TenantFigures
from enterprise.infrastructure.tables import heads, tenants


def tenant_figures(database: Database) -> TenantFigures:
    with database.as_system(Purpose.OPERATOR) as session:
        by_state = session.execute(select(tenants.c.state, func.count()).group_by(tenants.c.state))
        return TenantFigures(
            by_state={state.value: count for state, count in by_state},
            audit_entries=int(session.scalar(select(func.sum(heads.c.number))) or 0),
        )
