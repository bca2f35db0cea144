"""Secrets that we need in clear are stored encrypted, by a key that is not in the database."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Self

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from core.domain.errors import Unavailable


class UnreadableSecret(Unavailable):
    title = "A stored secret cannot be read with the configured keys"


@dataclass(frozen=True, slots=True)
class Cipher:
    """Encrypts with the first key, decrypts with any: two live keys allow a change without a stop."""

    fernet: MultiFernet

    @classmethod
    def of_keys(cls, *keys: str) -> Self:
        """Keys as ``Fernet.generate_key`` makes them; empty ones are left out. Raises ValueError for others."""
        return cls(MultiFernet([Fernet(key) for key in keys if key]))

    def encrypt(self, secret: str) -> str:
        return self.fernet.encrypt(secret.encode()).decode()

    def decrypt(self, stored: str) -> str:
        """Raises UnreadableSecret."""
        with _readable():
            return self.fernet.decrypt(stored.encode()).decode()

    def encrypted_anew(self, stored: str) -> str:
        """By the first key. Raises UnreadableSecret."""
        with _readable():
            return self.fernet.rotate(stored.encode()).decode()


@contextmanager
def _readable() -> Iterator[None]:
    try:
        yield
    except InvalidToken as error:
        raise UnreadableSecret(
            "It was encrypted by another key.", fix="Set security.previous_encryption_key to the old one."
        ) from error
