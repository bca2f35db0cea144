import json
from dataclasses import dataclass
from datetime import datetime

from core.infrastructure.encryption import Cipher, UnreadableSecret
from people_ops.application.log_in import Proof

KIND = "password-proof"  # nothing else that we encrypt passes for one


@dataclass(frozen=True, slots=True)
class SealedProofs:
    """``application.log_in.Proofs``."""

    cipher: Cipher

    def sealed(self, proof: Proof) -> str:
        parts = [KIND, proof.email, proof.fingerprint, proof.expires_at.isoformat()]
        return self.cipher.encrypt(json.dumps(parts))

    def opened(self, text: str) -> Proof | None:
        try:
            kind, email, fingerprint, expires_at = json.loads(self.cipher.decrypt(text))
            proof = Proof(email, fingerprint, datetime.fromisoformat(expires_at))
        except (UnreadableSecret, ValueError, TypeError):
            return None
        return proof if kind == KIND else None
