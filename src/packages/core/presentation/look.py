"""How somebody wants pages to look; their browser keeps it in a cookie."""

from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import parse_qsl, urlencode
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from core.presentation.parts import Moment

THEMES = ("", "light", "dark")


@dataclass(frozen=True, slots=True)
class Look:
    theme: str = ""  # empty: as the system has it
    zone: str = "UTC"
    shortcuts: bool = True

    @classmethod
    def of(cls, cookie: str) -> "Look":
        """What the cookie does not say, or says wrongly, is as for everybody."""
        given = dict(parse_qsl(cookie[:200]))
        theme = given.get("theme", "")
        zone = given.get("zone", "UTC")
        return cls(
            theme if theme in THEMES else "",
            zone if zone_named(zone) else "UTC",
            given.get("shortcuts", "on") != "off",
        )

    @property
    def cookie(self) -> str:
        return urlencode(
            {"theme": self.theme, "zone": self.zone, "shortcuts": "on" if self.shortcuts else "off"}
        )

    def moment(self, at: datetime, *, seconds: bool = False) -> Moment:
        local = at.astimezone(zone_named(self.zone) or UTC)
        return Moment(
            at.astimezone(UTC), f"{local:%-d %b %Y %H:%M:%S}" if seconds else f"{local:%-d %b %Y %H:%M}"
        )


def zone_named(name: str) -> ZoneInfo | None:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None
