"""Files of versions: read only where they are what the registry says."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

from anomaly_detection.api import FittedModel, ModelFiles, ThresholdChoice
from core.application.files import FileKind, TenantFiles
from core.domain.errors import DomainError, Unavailable
from core.domain.ids import TenantId


class ModelFileLost(Unavailable):
    title = "The model's file cannot be read"


@dataclass(frozen=True, slots=True)
class StoredModels:
    files: TenantFiles
    models: ModelFiles

    def path(self, tenant_id: TenantId, file: str) -> Path:
        return self.files.path(tenant_id, FileKind.MODELS, file)

    def load(self, tenant_id: TenantId, file: str, *, sha256: str) -> FittedModel:
        """Raises ModelFileLost."""
        path = self.path(tenant_id, file)
        try:
            if digest(path) != sha256:
                raise ModelFileLost(
                    "It is not what was stored.", fix="Restore it from a backup, or train anew."
                )
            return self.models.load(path)
        except FileNotFoundError:
            raise ModelFileLost("It is gone.", fix="Restore it from a backup, or train anew.") from None
        except ModelFileLost:
            raise
        except DomainError as error:
            raise ModelFileLost(nameless(error, path), fix="Train the model anew.") from error


def at_alert_rate(fitted: FittedModel, alert_rate: float | None) -> FittedModel:
    """The model with the threshold it was moved to; None: where it was trained."""
    if alert_rate is None or alert_rate == fitted.calibration.alert_rate:
        return fitted
    return fitted.with_alert_rate(alert_rate, ThresholdChoice.MOVED)


def digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def nameless(error: DomainError, path: Path) -> str:
    """What the error says, without the server's path in it."""
    return error.detail.replace(str(path), "The file")
