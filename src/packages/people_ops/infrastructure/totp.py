"""Time-based codes by libpass, over seeds that Cipher encrypts."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from passlib.exc import TokenError
from passlib.totp import TOTP

from core.infrastructure.encryption import Cipher

ISSUER = "anomaly_detection"
STEP_S = 30
RECOVERY_ALPHABET = "23456789abcdefghjkmnpqrstuvwxyz"
RECOVERY_LENGTH = 16  # 79 bits
LONGEST_CODE = 32


@dataclass(frozen=True, slots=True)
class TotpCodes:
    """SHA-1, six digits, 30 s: what every authenticator app reads."""

    cipher: Cipher
    clock: Callable[[], datetime]

    def new_seed(self) -> str:
        return self.cipher.encrypt(TOTP.new().base32_key)

    def secret(self, seed: str) -> str:
        return self.cipher.decrypt(seed)

    def uri(self, seed: str, account: str) -> str:
        return str(self._totp(seed).to_uri(label=account, issuer=ISSUER))

    def counter(self, seed: str, code: str) -> int | None:
        if not code.isascii() or len(code) > LONGEST_CODE:
            return None
        try:
            match = self._totp(seed).match(code, time=self.clock(), window=STEP_S)
        except TokenError:
            return None
        return int(match.counter)

    def new_recovery_code(self) -> str:
        """``k3f8-...``: four groups of four."""
        text = "".join(secrets.choice(RECOVERY_ALPHABET) for _ in range(RECOVERY_LENGTH))
        return "-".join(text[i : i + 4] for i in range(0, RECOVERY_LENGTH, 4))

    def _totp(self, seed: str) -> TOTP:
        return TOTP(key=self.cipher.decrypt(seed), format="base32")
