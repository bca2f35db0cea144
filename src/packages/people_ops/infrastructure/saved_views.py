"""The table of saved views, and who reads and changes it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Column, ForeignKey, String, Table, UniqueConstraint, Uuid, func, select

from core.application import saved_views as shown
from core.domain.ids import TenantId, UserId
from core.infrastructure.database import Database
from core.infrastructure.schema import PERSONAL, UtcDateTime, mappers, metadata
from core.infrastructure.sql import SqlUnitOfWork, of_tenant
from people_ops.domain.saved_view import LONGEST_NAME, LONGEST_QUERY, MOST, SavedView, SavedViewId

saved_views = Table(
    "people_saved_views",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("tenant_id", Uuid, nullable=False),
    Column("user_id", Uuid, ForeignKey("people_users.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("page", String(200), nullable=False),
    Column("name", String(LONGEST_NAME), nullable=False, info=PERSONAL),
    Column("query", String(LONGEST_QUERY), nullable=False, info=PERSONAL),
    Column("created_at", UtcDateTime, nullable=False),
    UniqueConstraint("tenant_id", "user_id", "page", "name"),
)
mappers.map_imperatively(SavedView, saved_views)


class SqlSavedViewUnitOfWork(SqlUnitOfWork):
    """``application.saved_views.SavedViewUnitOfWork``."""

    def view(self, user_id: UserId, view_id: SavedViewId) -> SavedView | None:
        return self.one(
            select(SavedView).where(saved_views.c.user_id == user_id, saved_views.c.id == view_id)
        )

    def view_named(self, user_id: UserId, page: str, name: str) -> SavedView | None:
        same = saved_views.c.user_id == user_id, saved_views.c.page == page, saved_views.c.name == name
        return self.one(select(SavedView).where(*same))

    def count_views(self, user_id: UserId) -> int:
        theirs = select(func.count()).select_from(saved_views).where(saved_views.c.user_id == user_id)
        return self.session.scalar(self.mine(theirs)) or 0

    def delete(self, aggregate: Any) -> None:
        self.session.delete(aggregate)


@dataclass(frozen=True, slots=True)
class SqlSavedViews:
    """``core.application.saved_views.SavedViews``."""

    database: Database

    def of(self, tenant_id: TenantId, user_id: UserId, page: str) -> Sequence[shown.SavedView]:
        theirs = (
            select(saved_views.c.id, saved_views.c.name, saved_views.c.query)
            .where(saved_views.c.user_id == user_id, saved_views.c.page == page)
            .order_by(func.lower(saved_views.c.name), saved_views.c.name)
            .limit(MOST)
        )
        with self.database.of_tenant(tenant_id) as session:
            rows = session.execute(of_tenant(theirs, tenant_id))
            return [shown.SavedView(row.id, row.name, row.query) for row in rows]
