"""What is wrong with the roles that the service logs in to PostgreSQL as."""

from sqlalchemy import Connection, text

from core.infrastructure.database import Database

RIGHTS = text("SELECT rolsuper, rolbypassrls FROM pg_roles WHERE rolname = current_user")
OWNED = text(
    "SELECT count(*) FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace"
    " WHERE relkind IN ('r', 'p') AND nspname = current_schema() AND pg_has_role(current_user, relowner, 'USAGE')"
)


def unsafe_roles(database: Database) -> list[str]:
    """One sentence for each reason why row level security does not hold, or the system could not work past it.

    Empty on SQLite, which has no roles. Raises OperationalError where the database does not answer.
    """
    if not database.is_postgresql:
        return []
    with database.app.connect() as connection:
        found = _unsafe_app(connection)
    if database.system is database.app:
        return [*found, "database.system_url is not set: jobs, log-in and key look-up need that role."]
    with database.system.connect() as connection:
        superuser, bypasses = connection.execute(RIGHTS).one()
        if not (superuser or bypasses):
            found.append("The role of database.system_url lacks BYPASSRLS.")
    return found


def _unsafe_app(connection: Connection) -> list[str]:
    superuser, bypasses = connection.execute(RIGHTS).one()
    reasons = []
    if superuser:
        reasons.append("The role of database.url is a superuser.")
    if bypasses:
        reasons.append("The role of database.url has BYPASSRLS.")
    if connection.scalar(OWNED) and not superuser:
        reasons.append("The role of database.url owns tables, or is a member of the role that does.")
    return reasons
