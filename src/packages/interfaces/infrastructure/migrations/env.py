"""What Alembic runs for each of its commands: the caller gives the connection."""

from typing import Any, Literal

from alembic import context

from core.infrastructure import schema

ATTRIBUTES = (
    context.config.attributes
)  # ``connection``; ``prefix`` of the tables that a new revision is about


def render_item(kind: str, item: Any, autogen_context: Any) -> str | Literal[False]:
    """A revision names no class of ours: those change, it does not."""
    if kind == "type" and isinstance(item, schema.UtcDateTime):
        return "sa.DateTime(timezone=True)"
    if kind == "type" and item is schema.Json:
        return 'sa.JSON().with_variant(postgresql.JSONB(), "postgresql")'
    return False


def include_name(name: str | None, kind: str, parents: Any) -> bool:
    return kind != "table" or (name or "").startswith(ATTRIBUTES.get("prefix", ""))


def include_object(item: Any, name: str | None, kind: str, reflected: bool, other: Any) -> bool:
    return include_name(name, kind, {})


def tidy(migration_context: Any, revision: Any, directives: Any) -> None:
    """Write no empty revision, and no ``Table.info``: that is for the code that reads the metadata."""
    if directives[0].upgrade_ops.is_empty():
        directives[:] = []
        return
    for step in directives[0].upgrade_ops.ops:
        if hasattr(step, "info"):
            step.info = {}


context.configure(
    connection=ATTRIBUTES["connection"],
    target_metadata=schema.metadata,
    render_item=render_item,
    include_name=include_name,
    include_object=include_object,
    process_revision_directives=tidy,
    compare_type=True,
)
with context.begin_transaction():
    context.run_migrations()
