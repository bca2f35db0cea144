"""What nobody needs any more of log-ins, invitations and resets."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, or_

from core.infrastructure.database import Database, Purpose
from people_ops.domain.session import LONGEST
from people_ops.infrastructure.lockouts import FORGOTTEN
from people_ops.infrastructure.tables import lockouts, refresh_tokens, sessions
from people_ops.infrastructure.ways_in_tables import invitations, password_resets

SESSIONS_KEPT = timedelta(days=7)  # after their end, so that a token is told that it was revoked
TOKENS_KEPT = timedelta(days=7)  # after their use: the reuse of older ones is refused, but ends no session
INVITATIONS_KEPT = timedelta(days=30)  # after their end, for the list


@dataclass(frozen=True, slots=True)
class SqlSweep:
    database: Database

    def __call__(self, now: datetime) -> Mapping[str, int]:
        """How many rows went, by table."""
        ended, closed = now - SESSIONS_KEPT, now - INVITATIONS_KEPT
        conditions = {
            refresh_tokens: refresh_tokens.c.used_at < now - TOKENS_KEPT,
            sessions: or_(
                sessions.c.revoked_at < ended,
                sessions.c.idle_at < ended,
                sessions.c.created_at < ended - LONGEST,
            ),
            lockouts: lockouts.c.last_at < now - FORGOTTEN,
            invitations: or_(
                invitations.c.accepted_at < closed,
                invitations.c.revoked_at < closed,
                invitations.c.expires_at < closed,
            ),
            password_resets: or_(password_resets.c.used_at.is_not(None), password_resets.c.expires_at < now),
        }
        counts = {}
        for table, condition in conditions.items():
            with self.database.system_transaction(Purpose.SWEEP) as session:
                gone = session.execute(delete(table).where(condition))
            counts[table.name] = int(gone.rowcount)  # type: ignore[attr-defined]  # of a delete
        return counts
