from pathlib import Path

import pytest

from core.infrastructure.settings import MASK, Settings
from core.infrastructure.settings_sources import InvalidSetting
from core.infrastructure.settings_tree import paths, secrets

WORDS = ("secret", "password", "key", "token", "database.url", "redis.url", "system_url", "migration_url")
NOT_SECRET = {
    "api.key_requests_per_minute",
    "client.token_file",
    "jwt.access_token_expire_minutes",
    "jwt.refresh_token_expire_days",
}


def loaded(folder: Path, **variables: str) -> Settings:
    return Settings.load(environment=variables, folder=folder)


def test_every_setting_that_sounds_like_a_secret_is_one() -> None:
    sounds = {path for path in paths() if any(word in path for word in WORDS)}
    assert sounds - NOT_SECRET == secrets()


def test_secrets_are_masked_where_they_are_set(tmp_path: Path) -> None:
    settings = loaded(tmp_path, DATABASE_URL="postgresql://app:geheim@db/anom", JWT_SECRET_KEY="geheim")
    assert settings.shown("database.url") == MASK
    assert settings.shown("jwt.secret_key") == MASK
    assert settings.shown("redis.url") == ""
    assert settings.get("jwt.secret_key") == "geheim"


def test_a_section_is_shown_with_its_secrets_masked(tmp_path: Path) -> None:
    shown = loaded(tmp_path, JWT_SECRET_KEY="geheim").shown("jwt")
    assert shown["secret_key"] == MASK
    assert shown["algorithm"] == "HS256"


def test_a_secret_that_is_refused_is_not_repeated(tmp_path: Path) -> None:
    with pytest.raises(InvalidSetting) as refused:
        loaded(tmp_path, JWT_SECRET_KEY="geheim" * 1000)
    assert "geheim" not in refused.value.detail
    assert "JWT_SECRET_KEY" in refused.value.detail
