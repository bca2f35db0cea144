from dataclasses import dataclass

from core.application.files import TenantFiles


@dataclass(frozen=True, slots=True)
class Uploads:
    """Where bodies are kept meanwhile, and how large they may be as they are sent."""

    files: TenantFiles
    max_bytes: int
