from typing import Any

from core.presentation.json_text import plain
from data_platform.api import Profile
from data_platform.presentation.profile_view import document


def stored_document(profile: Profile) -> dict[str, Any]:
    """The profile's document as strict JSON that every database stores: PostgreSQL takes no NUL in it."""
    stored: dict[str, Any] = _without_nul(plain(document(profile)))
    return stored


def _without_nul(value: Any) -> Any:
    match value:
        case str():
            return value.replace("\x00", "\ufffd")
        case list():
            return [_without_nul(each) for each in value]
        case dict():
            return {_without_nul(name): _without_nul(each) for name, each in value.items()}
    return value
