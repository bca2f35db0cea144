"""The cookies of the web pages."""

from dataclasses import dataclass
from ipaddress import ip_address
from urllib.parse import urlsplit

from starlette.requests import cookie_parser
from starlette.responses import Response
from starlette.types import Scope

SESSION = "anom"
FORM = "anom-form"  # a secret of somebody who is not signed in, for their forms
NOTE = "anom-note"  # what the next page has to say
LOOK = "anom-look"  # theme, time zone, shortcuts
NEXT = "anom-next"  # the page to go on to when the identity provider has sent them back
YEAR_S = 365 * 24 * 3600


@dataclass(frozen=True, slots=True)
class Cookies:
    """Of one request. ``is_secure``: the browser keeps Secure cookies, as it does over https and from its own machine."""

    is_secure: bool
    given: dict[str, str]

    @classmethod
    def of(cls, scope: Scope, public_url: str) -> "Cookies":
        headers = dict(scope["headers"])
        host = urlsplit(f"//{headers.get(b'host', b'').decode('latin-1')}").hostname or ""
        is_secure = scope["scheme"] == "https" or public_url.startswith("https:") or is_loopback(host)
        return cls(is_secure, cookie_parser(headers.get(b"cookie", b"").decode("latin-1")))

    def get(self, word: str) -> str:
        return self.given.get(self._name(word), "")

    def set(self, response: Response, word: str, value: str, *, max_age: int | None = None) -> None:
        """``max_age`` None: until the browser is closed."""
        response.set_cookie(
            self._name(word),
            value,
            max_age=max_age,
            path="/",
            secure=self.is_secure,
            httponly=True,
            samesite="lax",
        )

    def delete(self, response: Response, word: str) -> None:
        response.delete_cookie(
            self._name(word), path="/", secure=self.is_secure, httponly=True, samesite="lax"
        )

    def _name(self, word: str) -> str:
        return f"__Host-{word}" if self.is_secure else word


def is_loopback(host: str) -> bool:
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
