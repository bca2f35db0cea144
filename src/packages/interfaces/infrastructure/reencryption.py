"""Stored secrets, encrypted anew by the current key, so that the one before can be thrown away."""

from collections.abc import Iterator

from sqlalchemy import Column, Table, select, update

from core.infrastructure.database import Database, Purpose
from core.infrastructure.encryption import Cipher, UnreadableSecret
from core.infrastructure.schema import ENCRYPTED, metadata

AT_ONCE = 500


def reencrypt(database: Database, cipher: Cipher) -> int:
    """How many there were. What changes meanwhile is left as it is: whoever changed it had the new key.

    Raises UnreadableSecret, once all others are done.
    """
    done, unreadable = 0, 0
    for table, column in encrypted_columns():
        [key] = table.primary_key.columns
        last = None
        while True:
            wanted = select(key, column).where(column != "").order_by(key).limit(AT_ONCE)
            with database.system_transaction(Purpose.OPERATOR) as session:
                rows = session.execute(wanted if last is None else wanted.where(key > last)).all()
                for id_, stored in rows:
                    try:
                        anew = cipher.encrypted_anew(stored)
                    except UnreadableSecret:
                        unreadable += 1
                        continue
                    mine = update(table).where(key == id_, column == stored)
                    session.execute(mine.values({column.name: anew}))
                    done += 1
            if not rows:
                break
            last = rows[-1][0]
    if unreadable:
        raise UnreadableSecret(
            f"{unreadable} of {done + unreadable} secrets were encrypted by another key; the others are done.",
            fix="Set security.previous_encryption_key to that key, and run it again.",
        )
    return done


def encrypted_columns() -> Iterator[tuple[Table, Column[str]]]:
    for table in metadata.sorted_tables:
        for column in table.c:
            if column.info == ENCRYPTED:
                yield table, column
