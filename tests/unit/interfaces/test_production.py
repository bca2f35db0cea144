from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from core.infrastructure.settings import Settings
from interfaces.bootstrap.production import UnsafeSettings, require_settings

SAFE = {
    "ANOMALY_DETECTION_ENV": "production",
    "JWT_SECRET_KEY": "Jq3vX8mT1bZr5LwKc9Yd2NfHs7GpVu4E",
    "ANOMALY_DETECTION_SECURITY_ENCRYPTION_KEY": Fernet.generate_key().decode(),
    "ANOMALY_DETECTION_SECURITY_AUDIT_KEY": "Wk6zR2nPx9QtB4hVf8LmJc1Ty5SgDa7U",
    "ANOMALY_DETECTION_SERVICE_PUBLIC_URL": "https://anom.example",
}
POSTGRESQL = {
    "DATABASE_URL": "postgresql://app@db/anom",
    "DATABASE_SYSTEM_URL": "postgresql://system@db/anom",
}


def loaded(folder: Path, variables: dict[str, str]) -> Settings:
    return Settings.load(environment=variables, folder=folder)


@pytest.mark.parametrize("more", [{}, POSTGRESQL, POSTGRESQL | {"API_WORKERS": "4"}])
def test_what_is_safe_may_run(tmp_path: Path, more: dict[str, str]) -> None:
    require_settings(loaded(tmp_path, SAFE | more))


@pytest.mark.parametrize(
    ("setting", "unsafe"),
    [
        ("jwt.secret_key", {"JWT_SECRET_KEY": ""}),
        ("jwt.secret_key", {"JWT_SECRET_KEY": "short"}),
        ("jwt.secret_key", {"JWT_SECRET_KEY": "a" * 64}),
        ("jwt.secret_key", {"JWT_SECRET_KEY": "your-secret-key-change-in-production"}),
        ("security.encryption_key", {"ANOMALY_DETECTION_SECURITY_ENCRYPTION_KEY": ""}),
        ("security.encryption_key", {"ANOMALY_DETECTION_SECURITY_ENCRYPTION_KEY": "x" * 44}),
        ("security.audit_key", {"ANOMALY_DETECTION_SECURITY_AUDIT_KEY": ""}),
        ("security.audit_key", {"ANOMALY_DETECTION_SECURITY_AUDIT_KEY": SAFE["JWT_SECRET_KEY"]}),
        ("service.debug", {"ANOMALY_DETECTION_DEBUG": "true"}),
        ("security.insecure_http", {"ANOMALY_DETECTION_SECURITY_INSECURE_HTTP": "true"}),
        ("service.public_url", {"ANOMALY_DETECTION_SERVICE_PUBLIC_URL": ""}),
        ("service.public_url", {"ANOMALY_DETECTION_SERVICE_PUBLIC_URL": "http://anom.example"}),
        ("api.workers", {"API_WORKERS": "2"}),
        ("database.system_url", POSTGRESQL | {"DATABASE_SYSTEM_URL": ""}),
        ("database.url", {"DATABASE_URL": "mysql://app@db/anom"}),
        ("redis.url", {"REDIS_URL": "http://cache"}),
    ],
)
def test_each_unsafe_setting_is_named_and_its_value_is_not(
    tmp_path: Path, setting: str, unsafe: dict[str, str]
) -> None:
    with pytest.raises(UnsafeSettings) as refused:
        require_settings(loaded(tmp_path, SAFE | unsafe))
    assert f" {setting} " in refused.value.detail
    assert f"{setting}: " in refused.value.fix
    for path in ("jwt.secret_key", "security.audit_key", "security.encryption_key"):
        value = loaded(tmp_path, SAFE | unsafe).get(path)
        assert not value or value not in str(refused.value)


def test_everything_to_change_is_listed_at_once(tmp_path: Path) -> None:
    with pytest.raises(UnsafeSettings) as refused:
        require_settings(loaded(tmp_path, {"ANOMALY_DETECTION_ENV": "production", "API_WORKERS": "3"}))
    named = ("api.workers", "jwt.secret_key", "security.encryption_key", "service.public_url")
    assert all(setting in refused.value.detail for setting in named)


@pytest.mark.parametrize("unsafe", [{"API_WORKERS": "2"}, {"DATABASE_URL": "postgresql://app@db/anom"}])
def test_what_cannot_work_is_refused_in_development_too(tmp_path: Path, unsafe: dict[str, str]) -> None:
    with pytest.raises(UnsafeSettings):
        require_settings(loaded(tmp_path, unsafe))


def test_development_needs_no_settings(tmp_path: Path) -> None:
    require_settings(loaded(tmp_path, {}))
