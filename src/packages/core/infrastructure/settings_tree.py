"""Every setting there is: its type, range, default and meaning. ``docs/guides/settings.md`` is generated from here."""

from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BaseModel, BeforeValidator, Field, model_validator

from core.infrastructure.settings_section import Section
from core.infrastructure.settings_service import (
    ApiSettings,
    ClientSettings,
    DatabaseSettings,
    DataDir,
    JobSettings,
    JwtSettings,
    MailSettings,
    MetricsSettings,
    RedisSettings,
    SecuritySettings,
    ServiceSettings,
)

FLAGGED = 0.8  # calibrated score from which a row is flagged; fixed, so no setting


Automatic = BeforeValidator(lambda value: None if value in ("auto", "null") else value)
Folder = Annotated[Path | None, AfterValidator(lambda path: path and path.expanduser()), Automatic]


class LogSettings(Section):
    level: Annotated[
        Literal["DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"],
        BeforeValidator(lambda value: value.upper() if isinstance(value, str) else value),
    ] = Field(
        default="INFO",
        description="Least important log lines to write. Commands write WARNING and above unless this is set.",
    )
    format: Literal["auto", "json", "console"] = Field(
        default="auto", description="Form of log lines; auto: console on a terminal, otherwise json."
    )


class DataSettings(Section):
    dir: DataDir = Field(
        default=Path("var"), description="Folder of the service's files, keys and embedded database."
    )
    batch_rows: int = Field(
        default=65_536, ge=1, le=10_000_000, description="Rows read, scored and written at once."
    )
    spool_dir: Folder = Field(
        default=None,
        description="Folder for input that can be read only once (standard input, queries); "
        "null: the system's folder for temporary files.",
    )
    spool_limit_gb: float = Field(default=20.0, gt=0, description="Most gigabytes of such input to keep.")


class ModelSettings(Section):
    algorithm: str = Field(default="auto", min_length=1, description="The algorithm where none is named.")
    seed: int = Field(default=0, ge=0, lt=2**32, description="Seed of everything random.")
    contamination: Annotated[float | None, Automatic] = Field(
        default=None, gt=0, le=0.5, description="Expected share of anomalies; null: found from the scores."
    )


class DetectSettings(Section):
    top: Annotated[int, Field(ge=0)] | Literal["all"] = Field(
        default=20, description="Rows that `detect` prints, or all."
    )


class SeveritySettings(Section):
    low: float = Field(
        default=0.5, gt=0, lt=FLAGGED, description="Calibrated score from which a row is `low`."
    )
    high: float = Field(
        default=0.9, gt=FLAGGED, lt=1, description="Score from which it is `high` (`medium` is fixed at 0.8)."
    )
    critical: float = Field(
        default=0.95, gt=FLAGGED, lt=1, description="Score from which it is `critical`; above `high`."
    )

    @model_validator(mode="after")
    def _ascend(self) -> Self:
        if self.high >= self.critical:
            raise ValueError(f"severity.high ({self.high}) must be below severity.critical ({self.critical})")
        return self


class ComputeSettings(Section):
    threads: Annotated[int | None, Automatic] = Field(
        default=None,
        ge=1,
        le=4096,
        description="Threads to compute with; null: all cores this process may use.",
    )
    numba_cache_dir: Folder = Field(
        default=None,
        description="Folder for compiled kernels; null: anomaly_detection/numba in the user's cache folder. "
        "Code is loaded from it, so a `config` folder that merely lies in the working folder may not set it.",
    )


class SettingsTree(Section):
    log: LogSettings = Field(default=LogSettings(), description="Log lines on standard error.")
    data: DataSettings = Field(default=DataSettings(), description="Reading tables.")
    model: ModelSettings = Field(default=ModelSettings(), description="Training.")
    detect: DetectSettings = Field(default=DetectSettings(), description="The command `detect`.")
    severity: SeveritySettings = Field(default=SeveritySettings(), description="Words for calibrated scores.")
    compute: ComputeSettings = Field(default=ComputeSettings(), description="Threads and compiled code.")
    service: ServiceSettings = Field(default=ServiceSettings(), description="The service as a whole.")
    api: ApiSettings = Field(default=ApiSettings(), description="The HTTP server.")
    database: DatabaseSettings = Field(
        default=DatabaseSettings(), description="Where the service keeps its records."
    )
    redis: RedisSettings = Field(default=RedisSettings(), description="What several processes share.")
    jwt: JwtSettings = Field(default=JwtSettings(), description="Access tokens and sessions.")
    security: SecuritySettings = Field(default=SecuritySettings(), description="Keys and networks.")
    mail: MailSettings = Field(default=MailSettings(), description="Invitations and password resets.")
    jobs: JobSettings = Field(default=JobSettings(), description="Slow work.")
    metrics: MetricsSettings = Field(default=MetricsSettings(), description="Figures for Prometheus.")
    client: ClientSettings = Field(default=ClientSettings(), description="Commands with --server.")


def sections() -> dict[str, type[BaseModel]]:
    """Section name to its model, in the order of the tree."""
    return {name: type(field.default) for name, field in SettingsTree.model_fields.items()}


def paths() -> list[str]:
    """Every setting's dot path, in the order of the tree."""
    return [f"{section}.{key}" for section, model in sections().items() for key in model.model_fields]


def secrets() -> frozenset[str]:
    """The dot paths of what nobody may read."""
    marked = (
        f"{section}.{key}"
        for section, model in sections().items()
        for key, field in model.model_fields.items()
        if isinstance(field.json_schema_extra, dict) and field.json_schema_extra.get("secret")
    )
    return frozenset(marked)
