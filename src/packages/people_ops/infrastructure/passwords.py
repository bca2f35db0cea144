"""Argon2id (RFC 9106) through libpass."""

from functools import cached_property

from passlib.hash import argon2

from people_ops.domain.password import LONGEST, check_password


class Argon2Passwords:
    """``application.ways_in.Passwords``, and the same work for people who do not exist."""

    def __init__(self, *, memory_kb: int = 65_536, time_cost: int = 3, parallelism: int = 4) -> None:
        argon2.set_backend()  # by itself it would load at the first use, which two threads at once break
        self._argon2 = argon2.using(
            type="ID", memory_cost=memory_kb, time_cost=time_cost, parallelism=parallelism
        )

    def check(self, password: str) -> None:
        """Raises PasswordRefused."""
        check_password(password)

    def hash(self, password: str) -> str:
        return str(self._argon2.hash(password))

    def verify(self, password: str, stored: str) -> bool:
        """False where nothing is stored, after the same work."""
        usable = len(password) <= LONGEST and "\x00" not in password
        matches = bool(self._argon2.verify(password if usable else "", stored or self._nobodys))
        return matches and usable and bool(stored)

    def is_outdated(self, stored: str) -> bool:
        """Its parameters are not today's."""
        return bool(self._argon2.needs_update(stored))

    @cached_property
    def _nobodys(self) -> str:
        return self.hash("of nobody at all")
