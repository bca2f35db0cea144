"""Kept answers that may hold secrets, such as a page that shows a new key: what is stored of them is encrypted."""

from dataclasses import dataclass, replace

from core.application.kept_answers import Answer, Asked, Claim, KeptAnswers
from core.infrastructure.encryption import Cipher
from core.infrastructure.logging import get_logger


@dataclass(frozen=True, slots=True)
class SealedAnswers:
    """``core.application.kept_answers.KeptAnswers``; bodies are text."""

    answers: KeptAnswers
    cipher: Cipher

    def begin(self, asked: Asked) -> Claim | Answer:
        begun = self.answers.begin(asked)
        if isinstance(begun, Claim):
            return begun
        return replace(begun, body=self.cipher.decrypt(begun.body.decode()).encode())

    def finish(self, claim: Claim, answer: Answer) -> None:
        """Where this fails the answer is right all the same: it cannot be given again, that is all."""
        try:
            sealed = self.cipher.encrypt(answer.body.decode()).encode()
            self.answers.finish(claim, replace(answer, body=sealed))
        except Exception as error:
            get_logger(__name__).warning("answer_not_kept", reason=type(error).__name__)

    def free(self, claim: Claim) -> None:
        self.answers.free(claim)
