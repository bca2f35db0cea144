"""Settings as they are given outside files, each with its origin; and what all sources share."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from core.domain.errors import InvalidOption
from core.domain.suggestion import did_you_mean
from core.infrastructure.settings_tree import paths

DEFAULT = "default"
PREFIX = "ANOMALY_DETECTION_"
CONFIG_VARIABLE = PREFIX + "CONFIG"
WELL_KNOWN = {
    "NUMBA_CACHE_DIR": "compute.numba_cache_dir",
    "ANOMALY_DETECTION_ENV": "service.env",
    "ANOMALY_DETECTION_DEBUG": "service.debug",
    "DATABASE_URL": "database.url",
    "DATABASE_SYSTEM_URL": "database.system_url",
    "DATABASE_MIGRATION_URL": "database.migration_url",
    "REDIS_URL": "redis.url",
    "JWT_SECRET_KEY": "jwt.secret_key",
    "JWT_ALGORITHM": "jwt.algorithm",
    "JWT_ACCESS_TOKEN_EXPIRE_MINUTES": "jwt.access_token_expire_minutes",
    "API_HOST": "api.host",
    "API_PORT": "api.port",
    "PORT": "api.port",
    "API_WORKERS": "api.workers",
    "PROMETHEUS_ENABLED": "metrics.enabled",
    "METRICS_PORT": "metrics.port",
    "ANOMALY_DETECTION_TOKEN": "client.token",
    "ANOMALY_DETECTION_TOKEN_FILE": "client.token_file",
}
# What Kubernetes sets in every container beside a service named anomaly-detection.
SERVICE_LINK = re.compile(PREFIX + r"(SERVICE_HOST|SERVICE_PORT(_\w+)?|PORT(_\d+_(TCP|UDP|SCTP)(_\w+)?)?)")


class UnknownSetting(InvalidOption):
    title = "No such setting"


class InvalidSetting(InvalidOption):
    title = "The setting does not take that value"


@dataclass(frozen=True, slots=True)
class Given:
    """A value that some source gives for a setting, as it is written there."""

    value: object
    origin: str


Source = Mapping[str, Given]  # dot path to what is given for it


def of_flags(flags: Mapping[str, tuple[object, str]]) -> Source:
    return {path: Given(value, f"flag {flag}") for path, (value, flag) in flags.items()}


def names_of(path: str) -> tuple[str, str]:
    """``data.batch_rows``: ANOMALY_DETECTION_DATA__BATCH_ROWS, which goes first, or ..._DATA_BATCH_ROWS."""
    section, key = path.upper().split(".")
    return f"{PREFIX}{section}__{key}", f"{PREFIX}{section}_{key}"


def of_environment(environment: Mapping[str, str]) -> Source:
    """What our variables give; empty ones count as unset. Raises UnknownSetting for a name that is none of ours."""
    known = {name: path for path in paths() for name in names_of(path)}
    for name in environment:
        if (
            name.startswith(PREFIX)
            and name not in {*known, *WELL_KNOWN, CONFIG_VARIABLE}
            and not SERVICE_LINK.fullmatch(name)
        ):
            raise UnknownSetting(
                f"The environment variable {name} is no setting.",
                fix=did_you_mean(name, (*known, *WELL_KNOWN, CONFIG_VARIABLE)),
            )
    return _given(environment, known)


def of_well_known(environment: Mapping[str, str]) -> Source:
    """What variables give that other programs read too."""
    return _given(environment, WELL_KNOWN)


def of_machine(environment: Mapping[str, str]) -> Source:
    """Defaults that depend on where we run."""
    cache = folder_of_user(environment, "XDG_CACHE_HOME", ".cache")
    return {"compute.numba_cache_dir": Given(cache / "numba", DEFAULT)} if cache else {}


def folder_of_user(environment: Mapping[str, str], variable: str, below_home: str) -> Path | None:
    """Ours below the folder that the variable names, else below the home folder; None where neither is known."""
    folder, home = Path(environment.get(variable, "")), Path(environment.get("HOME", ""))
    if folder.is_absolute():
        return folder / "anomaly_detection"
    return home / below_home / "anomaly_detection" if home.is_absolute() else None


def _given(environment: Mapping[str, str], names: Mapping[str, str]) -> Source:
    """Of two names for one path the first that is set counts."""
    given: dict[str, Given] = {}
    for name, path in names.items():
        if environment.get(name):
            given.setdefault(path, Given(environment[name], f"environment {name}"))
    return given
